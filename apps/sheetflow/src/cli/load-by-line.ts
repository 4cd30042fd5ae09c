import { loadConfig, type LoadedConfig } from '../config/load.ts'
import { flagLayer } from './flags.ts'
import { text, type OptionValues } from './options.ts'

/** The configuration that a command line means: its file, the environment, its flags. */
export async function loadByLine(options: OptionValues): Promise<LoadedConfig> {
  const file = text(options, 'config')
  return await loadConfig({
    cwd: process.cwd(),
    env: process.env,
    flags: flagLayer(options),
    ...(file === undefined ? {} : { file }),
  })
}
