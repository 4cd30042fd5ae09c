import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isSheetflowError } from '@sheetflow/core/errors'
import { smallDisk } from '@sheetflow/testkit/small-disk'
import { lockDataFolder } from './lock.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lock-'))
})

afterEach(() => {
  chmodSync(folder, 0o755)
  rmSync(folder, { recursive: true, force: true })
})

function refusal(data: string): string {
  try {
    lockDataFolder(data)[Symbol.dispose]()
  } catch (error) {
    if (isSheetflowError(error)) return `${error.code} ${error.message} | ${error.fix ?? ''}`
    throw error
  }
  return 'locked'
}

test('a folder has one owner at a time, and the message names the process', () => {
  const lock = lockDataFolder(folder)
  expect(refusal(folder)).toContain(`app/locked the data folder ${folder} is used by another Sheetflow (process ${process.pid})`)
  lock[Symbol.dispose]()
  expect(refusal(folder)).toBe('locked')
})

test('a disk that is full to the last byte keeps nobody from beginning: what there is can be read, and the rest waits for room', (context) => {
  const disk = path.join(folder, 'disk')
  mkdirSync(disk)
  const away = smallDisk(disk, '256k')
  if (away === null) return context.skip('no disk can be made here')
  try {
    const room = path.join(disk, 'fill')
    expect(() => writeFileSync(room, new Uint8Array(1024 * 1024))).toThrow('ENOSPC')
    expect(refusal(disk)).toBe('locked')
  } finally {
    away()
  }
})

test('files that another user has left and this one may not write are no bug but one message with the fix', () => {
  // Whoever runs as root may write everything: a folder in the place of the file stands for what may not be written.
  mkdirSync(path.join(folder, 'lock.pid'))
  expect(refusal(folder)).toContain('config/invalid')
  expect(refusal(folder)).toContain('Give this user write access to it, or name another with --data DIR.')
})

test('a file in the place of the folder is named as what it is', () => {
  const file = path.join(folder, 'file')
  writeFileSync(file, '')
  expect(refusal(file)).toContain(`config/invalid the data folder ${file} cannot be used: it is a file`)
})
