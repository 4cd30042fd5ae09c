import { expect, it } from 'vitest'
import { apiFailure } from './failure.ts'

it('a stream that has as many consumers as it may have (NATS 2.15: 1,000): it is said so, and where more are allowed', () => {
  const error = apiFailure('SF_SRC_shop', { code: 10026, description: 'maximum consumers limit reached' })
  expect(error).toMatchObject({ code: 'bus/unavailable', retry: 'later', fix: expect.stringContaining('default_max_consumers') as string })
  expect(error.message).toContain('takes no more readers')
})
