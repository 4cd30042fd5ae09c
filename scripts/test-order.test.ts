import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ROOT } from './command.ts'
import { FOLDERS } from './suites.ts'
import { LONGEST } from './test-order.ts'

test('every file that is started first is one that runs, and is named once', () => {
  const files = new Set(
    globSync(
      FOLDERS.map((folder) => `${folder}/**/*.test.ts`),
      { cwd: ROOT, exclude: ['**/node_modules/**'] },
    ),
  )
  expect(LONGEST.filter((path) => !files.has(path))).toEqual([])
  expect(new Set(LONGEST).size).toBe(LONGEST.length)
})
