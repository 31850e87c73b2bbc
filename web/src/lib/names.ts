// Names of images and the addresses of their pages. Official images (namespace library) live under /_/, as on Docker Hub.
import type { Schemas } from '@/api/client';

export interface RepositoryId {
  namespace: string;
  name: string;
}

const part = encodeURIComponent;

export function repositoryPath({ namespace, name }: RepositoryId): string {
  return namespace === 'library' ? `/_/${part(name)}` : `/r/${part(namespace)}/${part(name)}`;
}

export function tagPath(repository: RepositoryId, tag: string): string {
  return `${repositoryPath(repository)}/tags/${part(tag)}`;
}

export function imagePath(repository: RepositoryId, reference: string): string {
  const folder = reference.includes(':') ? 'images' : 'tags';
  return `${repositoryPath(repository)}/${folder}/${part(reference)}`;
}

export const namespacePath = (namespace: string) => `/u/${part(namespace)}`;

// As one writes it after the host: nginx, acme/api.
export function shortName({ namespace, name }: RepositoryId): string {
  return namespace === 'library' ? name : `${namespace}/${name}`;
}

export function parseName(name: string): RepositoryId {
  const slash = name.indexOf('/');
  if (slash < 0) return { namespace: 'library', name };
  return { namespace: name.slice(0, slash), name: name.slice(slash + 1) };
}

// host/ns/repo:tag or host/ns/repo@sha256:…
export function imageReference(host: string, repository: RepositoryId, reference: string): string {
  return `${host}/${shortName(repository)}${reference.includes(':') ? '@' : ':'}${reference}`;
}

export function platformText(platform: Schemas['Platform']): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/') || 'any platform';
}
