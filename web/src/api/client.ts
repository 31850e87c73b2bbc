// The typed client of the Hub API. Types come from api/hub.yaml (npm run generate).
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';
import { ApiError } from './errors';

export type Schemas = components['schemas'];

let csrfToken = '';

// Writing requests that rely on the session cookie must carry the session's token.
export function setCsrfToken(token: string) {
  csrfToken = token;
}

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  // Looked up at each call so that tests and development tools can replace it.
  fetch: (request) => globalThis.fetch(request),
});

api.use({
  onRequest({ request }) {
    if (request.method !== 'GET' && request.method !== 'HEAD' && csrfToken) {
      request.headers.set('X-Berth-CSRF', csrfToken);
    }
    return request;
  },
});

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

// The data of an answer; anything but success is thrown as ApiError.
export async function call<T>(pending: Promise<Outcome<T>>): Promise<T> {
  const outcome = await reach(pending);
  if (!outcome.response.ok) throw ApiError.from(outcome.response, outcome.error);
  return outcome.data as T;
}

export type IndexProgress = Schemas['IndexProgress'];
export type Indexed<T> = { ready: true; data: T } | { ready: false; progress: IndexProgress };

// For operations that answer 202 while the layers are being read for the first time.
export async function callIndexed<T>(pending: Promise<Outcome<T | IndexProgress>>): Promise<Indexed<T>> {
  const outcome = await reach(pending);
  if (!outcome.response.ok) throw ApiError.from(outcome.response, outcome.error);
  if (outcome.response.status === 202) return { ready: false, progress: outcome.data as IndexProgress };
  return { ready: true, data: outcome.data as T };
}

async function reach<T>(pending: Promise<T>): Promise<T> {
  try {
    return await pending;
  } catch (failure) {
    throw ApiError.unreachable(failure);
  }
}
