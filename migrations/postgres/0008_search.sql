-- Full text of repositories, kept by triggers, so that it changes in the transaction that changes the repository.
CREATE TABLE search_entry (
  repository_id BIGINT NOT NULL PRIMARY KEY REFERENCES repository (id) ON DELETE CASCADE,
  words TSVECTOR NOT NULL
);

-- The name's separators part words; a long text counts with its beginning, since a tsvector has a bounded size.
CREATE FUNCTION search_words(full_name TEXT, description TEXT, readme TEXT) RETURNS TSVECTOR LANGUAGE sql IMMUTABLE AS $$
  SELECT setweight(to_tsvector('simple', translate(full_name, '/._-', '    ')), 'A') ||
         setweight(to_tsvector('simple', translate(description, '/._-', '    ')), 'B') ||
         setweight(to_tsvector('simple', translate(left(readme, 100000), '/._-', '    ')), 'D')
$$;

CREATE FUNCTION search_put() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_entry (repository_id, words) VALUES (NEW.id, search_words(NEW.full_name, NEW.description, NEW.full_description))
    ON CONFLICT (repository_id) DO UPDATE SET words = excluded.words;
  RETURN NULL;
END
$$;
CREATE TRIGGER search_insert AFTER INSERT ON repository FOR EACH ROW EXECUTE FUNCTION search_put();
CREATE TRIGGER search_update AFTER UPDATE OF description, full_description ON repository FOR EACH ROW
  WHEN (OLD.description IS DISTINCT FROM NEW.description OR OLD.full_description IS DISTINCT FROM NEW.full_description)
  EXECUTE FUNCTION search_put();

INSERT INTO search_entry (repository_id, words) SELECT id, search_words(full_name, description, full_description) FROM repository;
CREATE INDEX search_entry_by_words ON search_entry USING GIN (words);

CREATE INDEX repository_by_name ON repository (name, id);
CREATE INDEX repository_by_pulls ON repository (is_private, pull_count, id);
CREATE INDEX repository_by_update ON repository (is_private, updated_at, id);

-- The platforms that a repository has images for.
CREATE TABLE repository_platform (
  repository_id BIGINT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
  os TEXT COLLATE "C" NOT NULL,
  architecture TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (repository_id, os, architecture)
);
CREATE INDEX manifest_by_platform ON manifest (repository_id, os, architecture);
INSERT INTO repository_platform (repository_id, os, architecture)
  SELECT DISTINCT repository_id, os, architecture FROM manifest WHERE os NOT IN ('', 'unknown') AND architecture NOT IN ('', 'unknown');

CREATE FUNCTION platform_put() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO repository_platform (repository_id, os, architecture) VALUES (NEW.repository_id, NEW.os, NEW.architecture)
    ON CONFLICT (repository_id, os, architecture) DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER platform_insert AFTER INSERT ON manifest FOR EACH ROW
  WHEN (NEW.os NOT IN ('', 'unknown') AND NEW.architecture NOT IN ('', 'unknown')) EXECUTE FUNCTION platform_put();

CREATE FUNCTION platform_drop() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM repository_platform p WHERE p.repository_id = OLD.repository_id AND p.os = OLD.os AND p.architecture = OLD.architecture
    AND NOT EXISTS (SELECT 1 FROM manifest m WHERE m.repository_id = OLD.repository_id AND m.os = OLD.os
                    AND m.architecture = OLD.architecture);
  RETURN NULL;
END
$$;
CREATE TRIGGER platform_delete AFTER DELETE ON manifest FOR EACH ROW EXECUTE FUNCTION platform_drop();
