-- What a search filters by stands in the index beside the words of the texts, so that one query asks for both and costs by what it finds:
-- b badge, c category, p platform, o operating system, a architecture, each followed by its value in hexadecimal.
CREATE VIEW search_source AS SELECT r.id AS repository_id,
  ((60 - length(r.pull_count) - 2 * length(r.star_count) - CASE WHEN r.namespace = 'library' THEN 12 ELSE 0 END) << 40) + r.id AS place,
  'b' || lower(hex(CASE WHEN r.badge <> '' THEN r.badge WHEN r.namespace = 'library' THEN 'official' WHEN a.badge <> '' THEN a.badge
                   ELSE 'none' END)) ||
  COALESCE((SELECT ',' || group_concat('c' || lower(hex(c.slug))) FROM repository_category c WHERE c.repository_id = r.id), '') ||
  COALESCE((SELECT ',' || group_concat('p' || lower(hex(p.os)) || 'x' || lower(hex(p.architecture))) || ',' ||
              group_concat(DISTINCT 'o' || lower(hex(p.os))) || ',' || group_concat(DISTINCT 'a' || lower(hex(p.architecture)))
            FROM repository_platform p WHERE p.repository_id = r.id), '') AS facets
  FROM repository r JOIN account a ON a.id = r.account_id;

DROP TRIGGER search_insert;
DROP TRIGGER search_update;
DROP TRIGGER search_delete;
DROP TABLE search_index;
CREATE VIRTUAL TABLE search_index USING fts5
  (name, description, readme, facets, content='', tokenize="unicode61 remove_diacritics 2");
-- As they stand in the index, which forgets a row only when it is told what it holds.
ALTER TABLE search_entry ADD COLUMN facets TEXT NOT NULL DEFAULT '';

CREATE TRIGGER search_insert AFTER INSERT ON repository BEGIN
  INSERT INTO search_entry (repository_id, place, facets) SELECT repository_id, place, facets FROM search_source WHERE repository_id = NEW.id;
  INSERT INTO search_index (rowid, name, description, readme, facets)
    SELECT place, NEW.full_name, NEW.description, NEW.full_description, facets FROM search_entry
    WHERE repository_id = NEW.id AND NEW.is_private = 0;
END;

CREATE TRIGGER search_update AFTER UPDATE OF description, full_description, is_private, pull_count, star_count, badge ON repository
  WHEN OLD.is_private <> NEW.is_private OR OLD.description <> NEW.description OR OLD.full_description <> NEW.full_description
    OR OLD.badge <> NEW.badge OR length(OLD.pull_count) <> length(NEW.pull_count) OR length(OLD.star_count) <> length(NEW.star_count)
BEGIN
  INSERT INTO search_index (search_index, rowid, name, description, readme, facets)
    SELECT 'delete', place, OLD.full_name, OLD.description, OLD.full_description, facets FROM search_entry
    WHERE repository_id = NEW.id AND OLD.is_private = 0;
  UPDATE search_entry SET (place, facets) = (SELECT s.place, s.facets FROM search_source s WHERE s.repository_id = NEW.id)
    WHERE repository_id = NEW.id;
  INSERT INTO search_index (rowid, name, description, readme, facets)
    SELECT place, NEW.full_name, NEW.description, NEW.full_description, facets FROM search_entry
    WHERE repository_id = NEW.id AND NEW.is_private = 0;
END;

CREATE TRIGGER search_delete BEFORE DELETE ON repository BEGIN
  INSERT INTO search_index (search_index, rowid, name, description, readme, facets)
    SELECT 'delete', place, OLD.full_name, OLD.description, OLD.full_description, facets FROM search_entry
    WHERE repository_id = OLD.id AND OLD.is_private = 0;
  DELETE FROM search_entry WHERE repository_id = OLD.id;
END;

-- Inserting a repository's id here brings its facets up to date: what the triggers below share.
CREATE VIEW search_refresh AS SELECT repository_id FROM search_entry;
CREATE TRIGGER search_refresh_facets INSTEAD OF INSERT ON search_refresh
  WHEN EXISTS (SELECT 1 FROM search_entry e JOIN search_source s ON s.repository_id = e.repository_id
               WHERE e.repository_id = NEW.repository_id AND e.facets <> s.facets)
BEGIN
  INSERT INTO search_index (search_index, rowid, name, description, readme, facets)
    SELECT 'delete', e.place, r.full_name, r.description, r.full_description, e.facets FROM search_entry e
    JOIN repository r ON r.id = e.repository_id WHERE e.repository_id = NEW.repository_id AND r.is_private = 0;
  UPDATE search_entry SET facets = (SELECT s.facets FROM search_source s WHERE s.repository_id = NEW.repository_id)
    WHERE repository_id = NEW.repository_id;
  INSERT INTO search_index (rowid, name, description, readme, facets)
    SELECT e.place, r.full_name, r.description, r.full_description, e.facets FROM search_entry e
    JOIN repository r ON r.id = e.repository_id WHERE e.repository_id = NEW.repository_id AND r.is_private = 0;
END;
CREATE TRIGGER search_category_added AFTER INSERT ON repository_category BEGIN
  INSERT INTO search_refresh (repository_id) VALUES (NEW.repository_id);
END;
CREATE TRIGGER search_category_gone AFTER DELETE ON repository_category BEGIN
  INSERT INTO search_refresh (repository_id) VALUES (OLD.repository_id);
END;
CREATE TRIGGER search_platform_added AFTER INSERT ON repository_platform BEGIN
  INSERT INTO search_refresh (repository_id) VALUES (NEW.repository_id);
END;
CREATE TRIGGER search_platform_gone AFTER DELETE ON repository_platform BEGIN
  INSERT INTO search_refresh (repository_id) VALUES (OLD.repository_id);
END;
CREATE TRIGGER search_badge AFTER UPDATE OF badge ON account WHEN OLD.badge <> NEW.badge BEGIN
  INSERT INTO search_refresh (repository_id) SELECT id FROM repository WHERE account_id = NEW.id;
END;

UPDATE search_entry SET facets = (SELECT s.facets FROM search_source s WHERE s.repository_id = search_entry.repository_id);
INSERT INTO search_index (rowid, name, description, readme, facets)
  SELECT e.place, r.full_name, r.description, r.full_description, e.facets FROM search_entry e JOIN repository r ON r.id = e.repository_id
  WHERE r.is_private = 0 ORDER BY e.place;

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
