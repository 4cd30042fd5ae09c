/** `npm run build`: what is published (JavaScript, types, maps) into each package's `dist`. `npm run build -- --clean` removes it. */
import { run } from './command.ts'

const { code } = await run(['tsc', '-b', 'tsconfig.projects.json', ...process.argv.slice(2)])
process.exitCode = code
