import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse as parseYaml } from 'yaml'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Config } from './config.ts'
import { problemsOf, whereAndWhy } from './problems.ts'
import { configSchema } from './schema.ts'
import { loadEnvFile } from './env-file.ts'
import { environmentLayer } from './environment.ts'
import { offerOwnPackage } from './own-package.ts'
import { mergeLayers, type Layer, type Origins } from './layers.ts'

const FILE_NAMES = ['ts', 'mts', 'js', 'mjs', 'yaml', 'yml', 'json'].map((ending) => `sheetflow.config.${ending}`)

/** A configuration, where each of its values came from, and the folder that its paths are relative to. */
export interface LoadedConfig {
  readonly config: Config
  readonly origins: Origins
  readonly root: string
  /** The file, if there is one. */
  readonly file: string | null
}

/** Where to look and what overrides. `flags` are already shaped like the configuration. */
export interface LoadOptions {
  readonly cwd: string
  /** `--config FILE` */
  readonly file?: string
  readonly env: NodeJS.ProcessEnv
  readonly flags?: Readonly<Record<string, unknown>>
}

/** Loads the configuration: defaults < file < `SHEETFLOW_*` < flags. `config/invalid` names each wrong field. */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const file = findFile(options)
  if (file === null) {
    throw new SheetflowError('config/invalid', `there is no sheetflow.config.ts in ${options.cwd} or above it`, {
      fix: "Run 'sheetflow init', or name the file with --config FILE.",
    })
  }
  loadEnvFile(path.dirname(file))
  const layers: Layer[] = [
    { origin: path.basename(file), values: await readConfigFile(file) },
    environmentLayer(options.env),
    { origin: 'flag', values: options.flags ?? {} },
  ]
  const { merged, origins } = mergeLayers(layers)
  return { config: checkConfig(merged, file), origins, root: path.dirname(file), file }
}

/** The checked configuration with its defaults. `config/invalid` lists every wrong field. */
export function checkConfig(input: unknown, where: string): Config {
  const result = configSchema.safeParse(input)
  if (result.success) return result.data
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, input))
  throw new SheetflowError('config/invalid', `${path.basename(where)} is not a valid configuration:\n  ${problems.join('\n  ')}`, {
    fix: "See 'sheetflow config --schema' for every field.",
    details: { problems },
  })
}

function findFile(options: LoadOptions): string | null {
  const named = options.file ?? options.env['SHEETFLOW_CONFIG']
  if (named !== undefined) {
    const file = path.resolve(options.cwd, named)
    if (existsSync(file)) return file
    throw new SheetflowError('config/invalid', `there is no configuration file ${named}`, { fix: 'Check the name given with --config.' })
  }
  for (let folder = options.cwd; ; folder = path.dirname(folder)) {
    const found = FILE_NAMES.map((name) => path.join(folder, name)).find((file) => existsSync(file))
    if (found !== undefined) return found
    if (path.dirname(folder) === folder) return null
  }
}

async function readConfigFile(file: string): Promise<unknown> {
  try {
    if (/\.ya?ml$/.test(file)) return parseYaml(readFileSync(file, 'utf8')) as unknown
    if (file.endsWith('.json')) return JSON.parse(readFileSync(file, 'utf8')) as unknown
    offerOwnPackage()
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown }
    if (module.default !== undefined) return module.default
  } catch (error) {
    throw new SheetflowError('config/invalid', `${path.basename(file)} cannot be read: ${whereAndWhy(error, file)}`, {
      fix: /\.(ya?ml|json)$/.test(file) ? 'Mend the file.' : 'Mend the file; its default export is defineConfig({…}).',
      cause: error,
    })
  }
  throw new SheetflowError('config/invalid', `${path.basename(file)} has no default export`, {
    fix: 'Write: export default defineConfig({…})',
  })
}
