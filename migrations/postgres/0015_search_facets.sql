-- What a search filters by stands in the index beside the words of the texts, so that one query asks for both and costs by what it finds:
-- b badge, c category, p platform, o operating system, a architecture, each followed by its value in hexadecimal. In `words` a colon
-- before them keeps them apart from what people write. place: the most popular first; counts weigh by their number of digits, so that a
-- repository moves a few times in its life. A private repository has no words.
ALTER TABLE search_entry ADD COLUMN place BIGINT NOT NULL DEFAULT 0;
ALTER TABLE search_entry ADD COLUMN facets TEXT COLLATE "C" NOT NULL DEFAULT '';

CREATE FUNCTION search_hex(value TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$ SELECT encode(convert_to(value, 'UTF8'), 'hex') $$;

CREATE VIEW search_source AS SELECT r.id AS repository_id,
  (CAST(60 - length(CAST(r.pull_count AS TEXT)) - 2 * length(CAST(r.star_count AS TEXT)) -
        CASE WHEN r.namespace = 'library' THEN 12 ELSE 0 END AS BIGINT) << 40) + r.id AS place,
  'b' || search_hex(CASE WHEN r.badge <> '' THEN r.badge WHEN r.namespace = 'library' THEN 'official' WHEN a.badge <> '' THEN a.badge
                    ELSE 'none' END) ||
  COALESCE((SELECT ',' || string_agg('c' || search_hex(c.slug), ',') FROM repository_category c WHERE c.repository_id = r.id), '') ||
  COALESCE((SELECT ',' || string_agg('p' || search_hex(p.os) || 'x' || search_hex(p.architecture), ',') || ',' ||
              string_agg(DISTINCT 'o' || search_hex(p.os), ',') || ',' || string_agg(DISTINCT 'a' || search_hex(p.architecture), ',')
            FROM repository_platform p WHERE p.repository_id = r.id), '') AS facets
  FROM repository r JOIN account a ON a.id = r.account_id;

CREATE FUNCTION search_all_words(is_private BIGINT, full_name TEXT, description TEXT, readme TEXT, facets TEXT) RETURNS TSVECTOR
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN is_private <> 0 THEN CAST('' AS TSVECTOR)
    ELSE search_words(full_name, description, readme) || array_to_tsvector(string_to_array(':' || replace(facets, ',', ',:'), ',')) END
$$;

CREATE OR REPLACE FUNCTION search_put() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_entry (repository_id, place, facets, words)
    SELECT s.repository_id, s.place, s.facets,
      search_all_words(NEW.is_private, NEW.full_name, NEW.description, NEW.full_description, s.facets)
    FROM search_source s WHERE s.repository_id = NEW.id
    ON CONFLICT (repository_id) DO UPDATE SET place = excluded.place, facets = excluded.facets, words = excluded.words;
  RETURN NULL;
END
$$;
DROP TRIGGER search_update ON repository;
CREATE TRIGGER search_update AFTER UPDATE OF description, full_description, is_private, pull_count, star_count, badge ON repository
  FOR EACH ROW WHEN (OLD.is_private <> NEW.is_private OR OLD.description <> NEW.description OR OLD.full_description <> NEW.full_description
    OR OLD.badge <> NEW.badge OR length(CAST(OLD.pull_count AS TEXT)) <> length(CAST(NEW.pull_count AS TEXT))
    OR length(CAST(OLD.star_count AS TEXT)) <> length(CAST(NEW.star_count AS TEXT)))
  EXECUTE FUNCTION search_put();

-- Brings a repository's facets up to date.
CREATE FUNCTION search_refresh(wanted BIGINT) RETURNS VOID LANGUAGE sql AS $$
  UPDATE search_entry SET facets = s.facets,
    words = search_all_words(r.is_private, r.full_name, r.description, r.full_description, s.facets)
  FROM search_source s JOIN repository r ON r.id = s.repository_id
  WHERE search_entry.repository_id = wanted AND s.repository_id = wanted AND search_entry.facets <> s.facets
$$;
CREATE FUNCTION search_facet_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(CASE WHEN TG_OP = 'DELETE' THEN OLD.repository_id ELSE NEW.repository_id END);
  RETURN NULL;
END
$$;
CREATE TRIGGER search_category AFTER INSERT OR DELETE ON repository_category FOR EACH ROW EXECUTE FUNCTION search_facet_changed();
CREATE TRIGGER search_platform AFTER INSERT OR DELETE ON repository_platform FOR EACH ROW EXECUTE FUNCTION search_facet_changed();
CREATE FUNCTION search_badge_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(id) FROM repository WHERE account_id = NEW.id;
  RETURN NULL;
END
$$;
CREATE TRIGGER search_badge AFTER UPDATE OF badge ON account FOR EACH ROW WHEN (OLD.badge <> NEW.badge)
  EXECUTE FUNCTION search_badge_changed();

UPDATE search_entry SET place = s.place, facets = s.facets,
  words = search_all_words(r.is_private, r.full_name, r.description, r.full_description, s.facets)
  FROM search_source s JOIN repository r ON r.id = s.repository_id WHERE s.repository_id = search_entry.repository_id;
CREATE INDEX search_entry_by_place ON search_entry (place);

-- Names are looked up among public repositories only.
DROP INDEX repository_by_name;
CREATE INDEX repository_by_name ON repository (is_private, name, id);

-- Lists of a namespace, counts and sums: read from indexes alone, so that what is hidden, or before the page, costs no visit to its row.
DROP INDEX repository_by_account;
DROP INDEX repository_by_account_update;
DROP INDEX repository_by_account_pulls;
CREATE INDEX repository_by_account ON repository (account_id, name, id, is_private);
CREATE INDEX repository_by_account_update ON repository (account_id, updated_at, id, is_private);
CREATE INDEX repository_by_account_pulls ON repository (account_id, pull_count, id, is_private);
CREATE INDEX repository_by_account_privacy ON repository (account_id, is_private, storage_size);
DROP INDEX account_by_kind;
CREATE INDEX account_by_kind ON account (kind, name, email, is_active, email_verified);
CREATE INDEX invitation_by_organization ON invitation (organization_id, id);
