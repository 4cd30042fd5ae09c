/**
 * What we bring into other people's programs: licences, integrity, install scripts, the number of direct dependencies. Reads the lockfile alone,
 * so it judges every platform. Ends with 1 and one line per finding, or with 0.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../command.ts'
import { checkLockfile, checkManifests, type Lockfile, type Manifest } from './rules.ts'

const manifests = globSync(['package.json', '{packages,apps,examples}/*/package.json', 'bench/package.json'], { cwd: ROOT }).map(
  (file) => read(file) as Manifest,
)
const problems = [...checkLockfile(read('package-lock.json') as Lockfile), ...checkManifests(manifests)]
for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'))
}
