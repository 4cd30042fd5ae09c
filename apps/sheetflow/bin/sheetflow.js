#!/usr/bin/env node
// Plain JavaScript, so that an old Node prints one clear line instead of a syntax error.
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { beginAnew, tuneMemory } from './memory.js'

const [major, minor] = process.versions.node.split('.').map(Number)
const isPublished = /[\\/]node_modules[\\/]/.test(fileURLToPath(import.meta.url))

if (!isPublished) {
  // In the repository the command runs from source, under the pinned Node, which the launcher starts.
  tuneMemory(process.argv[2])
  const { launch } = await import('../../../scripts/launch.mjs')
  await launch('apps/sheetflow/src/main.ts', process.argv.slice(2))
} else if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`sheetflow: Node ${process.versions.node} is too old: sheetflow needs Node 22.18 or newer (https://nodejs.org).\n`)
  process.exitCode = 2
} else {
  if (tuneMemory(process.argv[2])) beginAnew()
  // What has been compiled once is read the next time, by threads too: a start takes half the time.
  const { enableCompileCache } = await import('node:module')
  const { directory } = enableCompileCache()
  if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= directory
  await import('../dist/main.js')
}
