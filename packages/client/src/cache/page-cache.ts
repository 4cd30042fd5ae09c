/**
 * Where a page's last picture is kept for the time without a server: one JSON text per page. Losing it costs nothing but that picture.
 */
export interface PageCache {
  load(page: string): Promise<string | null>
  save(page: string, json: string): Promise<void>
}
