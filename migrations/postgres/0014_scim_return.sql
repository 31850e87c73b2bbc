-- What a user who is switched off by the identity provider comes back with, beside the teams.
ALTER TABLE scim_user ADD COLUMN held_role_id BIGINT REFERENCES custom_role (id) ON DELETE SET NULL;
CREATE INDEX scim_user_by_held_role ON scim_user (held_role_id) WHERE held_role_id IS NOT NULL;

-- Whether it was the identity provider that switched the account off: it alone may then switch it on again. What an
-- administrator of the server switched off stays off.
ALTER TABLE managed_account ADD COLUMN is_switched_off BIGINT NOT NULL DEFAULT 0;
UPDATE managed_account SET is_switched_off = 1 WHERE EXISTS (SELECT 1 FROM account a WHERE a.id = managed_account.account_id
  AND a.is_active = 0) AND NOT EXISTS (SELECT 1 FROM organization_member m WHERE m.organization_id = managed_account.organization_id
  AND m.account_id = managed_account.account_id);
