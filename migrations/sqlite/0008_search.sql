-- Full text of public repositories, kept by triggers, so that it changes in the transaction that changes the repository. Words only: the
-- texts themselves stay in repository. A row's id begins with how popular the repository is and ends with the repository's id, so that
-- reading matches in the order of ids yields the most popular first, at a cost bounded by what is read.
CREATE VIRTUAL TABLE search_index USING fts5 (name, description, readme, content='', tokenize="unicode61 remove_diacritics 2");

-- 0 is the most popular. Counts weigh by their number of digits, so that a repository moves a few times in its life.
CREATE TABLE search_entry (
  repository_id INTEGER NOT NULL PRIMARY KEY REFERENCES repository (id) ON DELETE CASCADE,
  place INTEGER NOT NULL
);

CREATE TRIGGER search_insert AFTER INSERT ON repository BEGIN
  INSERT INTO search_entry (repository_id, place) VALUES (NEW.id,
    ((60 - length(NEW.pull_count) - 2 * length(NEW.star_count) - CASE WHEN NEW.namespace = 'library' THEN 12 ELSE 0 END) << 40) + NEW.id);
  INSERT INTO search_index (rowid, name, description, readme)
    SELECT place, NEW.full_name, NEW.description, NEW.full_description FROM search_entry WHERE repository_id = NEW.id AND NEW.is_private = 0;
END;

CREATE TRIGGER search_update AFTER UPDATE OF description, full_description, is_private, pull_count, star_count ON repository
  WHEN OLD.is_private <> NEW.is_private OR OLD.description <> NEW.description OR OLD.full_description <> NEW.full_description
    OR length(OLD.pull_count) <> length(NEW.pull_count) OR length(OLD.star_count) <> length(NEW.star_count)
BEGIN
  INSERT INTO search_index (search_index, rowid, name, description, readme)
    SELECT 'delete', place, OLD.full_name, OLD.description, OLD.full_description FROM search_entry
    WHERE repository_id = NEW.id AND OLD.is_private = 0;
  UPDATE search_entry SET place =
    ((60 - length(NEW.pull_count) - 2 * length(NEW.star_count) - CASE WHEN NEW.namespace = 'library' THEN 12 ELSE 0 END) << 40) + NEW.id
    WHERE repository_id = NEW.id;
  INSERT INTO search_index (rowid, name, description, readme)
    SELECT place, NEW.full_name, NEW.description, NEW.full_description FROM search_entry
    WHERE repository_id = NEW.id AND NEW.is_private = 0;
END;

CREATE TRIGGER search_delete BEFORE DELETE ON repository BEGIN
  INSERT INTO search_index (search_index, rowid, name, description, readme)
    SELECT 'delete', place, OLD.full_name, OLD.description, OLD.full_description FROM search_entry
    WHERE repository_id = OLD.id AND OLD.is_private = 0;
  DELETE FROM search_entry WHERE repository_id = OLD.id;
END;

INSERT INTO search_entry (repository_id, place) SELECT id,
  ((60 - length(pull_count) - 2 * length(star_count) - CASE WHEN namespace = 'library' THEN 12 ELSE 0 END) << 40) + id FROM repository;
INSERT INTO search_index (rowid, name, description, readme)
  SELECT s.place, r.full_name, r.description, r.full_description FROM repository r JOIN search_entry s ON s.repository_id = r.id
  WHERE r.is_private = 0 ORDER BY s.place;

-- What ranking reads of thousands of repositories, without their texts.
CREATE INDEX repository_for_search ON repository (id, is_private, account_id, namespace, name, star_count, pull_count, updated_at);
CREATE INDEX repository_by_name ON repository (name, id);
CREATE INDEX repository_by_pulls ON repository (is_private, pull_count, id);
CREATE INDEX repository_by_update ON repository (is_private, updated_at, id);

-- The platforms that a repository has images for.
CREATE TABLE repository_platform (
  repository_id INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
  os TEXT NOT NULL,
  architecture TEXT NOT NULL,
  PRIMARY KEY (repository_id, os, architecture)
);
CREATE INDEX manifest_by_platform ON manifest (repository_id, os, architecture);
INSERT INTO repository_platform (repository_id, os, architecture)
  SELECT DISTINCT repository_id, os, architecture FROM manifest WHERE os NOT IN ('', 'unknown') AND architecture NOT IN ('', 'unknown');

CREATE TRIGGER platform_insert AFTER INSERT ON manifest
  WHEN NEW.os NOT IN ('', 'unknown') AND NEW.architecture NOT IN ('', 'unknown')
BEGIN
  INSERT INTO repository_platform (repository_id, os, architecture) VALUES (NEW.repository_id, NEW.os, NEW.architecture)
    ON CONFLICT (repository_id, os, architecture) DO NOTHING;
END;
CREATE TRIGGER platform_delete AFTER DELETE ON manifest
  WHEN NOT EXISTS (SELECT 1 FROM manifest m WHERE m.repository_id = OLD.repository_id AND m.os = OLD.os
    AND m.architecture = OLD.architecture)
BEGIN
  DELETE FROM repository_platform WHERE repository_id = OLD.repository_id AND os = OLD.os AND architecture = OLD.architecture;
END;
