// People and organizations.
import { ago } from './data.mjs';

const base = (id, type) => ({
  id: id.repeat(32).slice(0, 32),
  uuid: `${id.repeat(8)}-0000-4000-8000-000000000000`.slice(-36),
  location: 'Rotterdam',
  company: '',
  profile_url: 'https://example.com',
  date_joined: ago(24 * 500),
  gravatar_email: '',
  gravatar_url: '',
  type,
  badge: '',
});

export const user = (username) => ({
  ...base('a', 'User'),
  username,
  full_name: username === 'admin' ? 'Ada Harbour' : `${username[0].toUpperCase()}${username.slice(1)} Arden`,
  is_staff: false,
  is_admin: username === 'admin',
  email: `${username}@example.com`,
});

const organization = (orgname, full_name) => ({
  ...base('b', 'Organization'),
  orgname,
  full_name,
  is_active: true,
});
const membership = (orgname, full_name) => ({
  ...organization(orgname, full_name),
  user_role: 'Owner',
  user_groups: ['owners'],
  org_groups_count: 3,
  plan_name: 'team',
  parent_name: null,
});

export const accounts = [
  user('alice'),
  user('bob'),
  user('carol'),
  user('admin'),
  organization('acme', 'Acme Corporation'),
  organization('grafton', 'Grafton Labs'),
  organization('library', 'Official images'),
];

export function sessionOf(username) {
  return {
    user: user(username),
    organizations: [membership('acme', 'Acme Corporation')],
    expires_at: ago(-700),
    two_factor_enabled: username === 'carol',
    email_verified: true,
    unread_notifications: 2,
    csrf_token: 'mock',
  };
}
