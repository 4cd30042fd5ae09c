/** How often a property is tried, or how long something random goes on: in `npm test`, and in `npm run test:full`. */
export function runs(normal: number, full: number): number {
  return process.env['SHEETFLOW_FULL'] === '1' ? full : normal
}
