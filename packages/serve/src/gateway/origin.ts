/**
 * May a page of that origin speak to this server (S06)? Its own pages may, those of the list, and whatever is no page: browsers alone send an
 * Origin, and they cannot leave it out.
 */
export function isAllowedOrigin(origin: string | undefined, host: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return true
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase()
}
