// Where to go after signing in. Only a path of this site: an address from elsewhere would make a phishing link of ours.
export function safeNext(next: string | null): string {
  if (!next) return '/';
  try {
    const url = new URL(next, window.location.origin);
    // "/.//host" is of this site, and its path "//host" alone is not.
    const isOwn = url.origin === window.location.origin && !url.pathname.startsWith('//');
    return isOwn ? url.pathname + url.search : '/';
  } catch {
    return '/';
  }
}
