import { MemoryArchiveStore } from '@sheetflow/testkit/memory-archive-store'
import { expect, test } from 'vitest'
import { claimArchive, type ArchiveClaimant } from './claim-archive.ts'

const ONE: ArchiveClaimant = { place: 'host-a:/data', about: { pid: 1, since: '2026-11-26T00:00:00.000000Z' } }
const OTHER: ArchiveClaimant = { place: 'host-b:/data', about: { pid: 2, since: '2026-11-26T00:00:01.000000Z' } }

test('one place at a time has the archive, the next one when it has ended', async () => {
  const store = new MemoryArchiveStore()
  {
    await using _one = await claimArchive(store, ONE)
    await expect(claimArchive(store, OTHER)).rejects.toMatchObject({
      code: 'erase/busy',
      retry: 'later',
      message: expect.stringContaining('host-a:/data') as string,
      fix: expect.stringMatching(/_erasing\/[0-9a-f]{16}/) as string,
    })
  }
  await using _other = await claimArchive(store, OTHER)
  await expect(claimArchive(store, ONE)).rejects.toMatchObject({ code: 'erase/busy' })
})

test('what a process left that died is taken over from its place, and refused from every other', async () => {
  const store = new MemoryArchiveStore()
  await claimArchive(store, ONE)
  await expect(claimArchive(store, OTHER)).rejects.toMatchObject({ code: 'erase/busy' })
  {
    await using _again = await claimArchive(store, { ...ONE, about: { pid: 3, since: 'later' } })
    await expect(claimArchive(store, OTHER)).rejects.toMatchObject({ message: expect.stringContaining('"pid":3') as string })
  }
  expect([...store.objects.keys()]).toEqual([])
})

test('of two who come at once never both have it', async () => {
  const store = new MemoryArchiveStore()
  // Each has put its claim before either looks.
  const list = store.list.bind(store)
  const { promise: bothPut, resolve } = Promise.withResolvers<undefined>()
  store.list = async (prefix) => {
    if (store.objects.size === 2) resolve(undefined)
    await bothPut
    return await list(prefix)
  }
  const outcomes = await Promise.allSettled([claimArchive(store, ONE), claimArchive(store, OTHER)])
  expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeLessThan(2)
  await using _next = await claimArchive(store, ONE)
})
