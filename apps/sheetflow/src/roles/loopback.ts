/** Does a `Host` header name this machine itself? A page that got here under another name is not one of ours (DNS rebinding, S17). */
export function isLoopback(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)
}
