/** `shop!public.orders` → `shop`, `public.orders`. */
export function splitId(id: string): [source: string, table: string] {
  const at = id.indexOf('!')
  return [id.slice(0, at), id.slice(at + 1)]
}
