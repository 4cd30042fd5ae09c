import { isPlainObject } from '../../config/layers.ts'
import { configJsonSchema } from '../../config/schema.ts'
import { isSecretRef, printableUrl } from '../../config/secret.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { loadByLine } from '../load-by-line.ts'
import { dim } from '../output.ts'

/** `sheetflow config`: every value and where it came from; secrets hidden. */
export const config: CliCommand = {
  name: 'config',
  summary: 'print the configuration, each value with its origin',
  usage: 'config [--schema]',
  options: { schema: { type: 'boolean', help: 'print the JSON Schema of the configuration instead' } },
  async run({ options }, output) {
    if (options['schema'] === true) {
      process.stdout.write(`${JSON.stringify(configJsonSchema(), null, output.json ? 0 : 2)}\n`)
      return EXIT.ok
    }
    const loaded = await loadByLine(options)
    for (const { at, value } of leaves(loaded.config, '')) {
      const origin = loaded.origins.get(at) ?? loaded.origins.get(`${at}.$secret`) ?? nearestOrigin(loaded.origins, at) ?? 'default'
      output.event('value', { path: at, value, origin }, `${at} = ${JSON.stringify(value)}  ${dim(origin)}`)
    }
    return EXIT.ok
  },
}

/** Every leaf of the configuration as printable text; references and passwords are not resolved. */
function* leaves(value: unknown, at: string): Generator<{ at: string; value: unknown }> {
  if (isSecretRef(value)) yield { at, value: `secret(${value.$secret})` }
  else if (isPlainObject(value)) {
    for (const [key, child] of Object.entries(value)) yield* leaves(child, at === '' ? key : `${at}.${key}`)
  } else if (at.endsWith('.secret')) yield { at, value: '***' }
  else yield { at, value: typeof value === 'string' ? printableUrl(value) : value }
}

function nearestOrigin(origins: ReadonlyMap<string, string>, at: string): string | undefined {
  for (let path = at; path.includes('.');) {
    path = path.slice(0, path.lastIndexOf('.'))
    const origin = origins.get(path)
    if (origin !== undefined) return origin
  }
  return undefined
}
