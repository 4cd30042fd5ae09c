import { existsSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

/** Loads `.env` of a folder into the environment, if it is there; variables that are set already win. */
export function loadEnvFile(folder: string): void {
  const file = path.join(folder, '.env')
  if (existsSync(file)) process.loadEnvFile(file)
}
