/** One source of configuration values, shaped like the configuration itself. */
export interface Layer {
  /** What `sheetflow config` prints beside the value. */
  readonly origin: string
  readonly values: unknown
}

/** Dotted path of a value → the layer it came from. Paths that are not in it are defaults. */
export type Origins = ReadonlyMap<string, string>

/** Lays the layers over each other, later ones on top: objects are merged, everything else is replaced. */
export function mergeLayers(layers: readonly Layer[]): { merged: unknown; origins: Origins } {
  const origins = new Map<string, string>()
  let merged: unknown = {}
  for (const layer of layers) merged = lay(merged, layer.values, layer.origin, '', origins)
  return { merged, origins }
}

function lay(below: unknown, above: unknown, origin: string, at: string, origins: Map<string, string>): unknown {
  if (above === undefined) return below
  if (!isPlainObject(above)) {
    origins.set(at, origin)
    return above
  }
  const result: Record<string, unknown> = isPlainObject(below) ? { ...below } : {}
  for (const [key, value] of Object.entries(above)) {
    result[key] = lay(result[key], value, origin, at === '' ? key : `${at}.${key}`, origins)
  }
  return result
}

/** A literal object, not an array, class instance or null. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype
}
