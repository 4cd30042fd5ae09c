import { test } from 'vitest'
import { expectAtomic } from './atomic-ring.ts'

test('law 6, atomic: what one transaction did becomes visible together, in every picture and every answer', async () => {
  await expectAtomic()
})
