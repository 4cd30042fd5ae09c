import { expect, test } from 'vitest'
import { GraphqlQueries } from './graphql-queries.ts'

test('a token that cannot be had is being offline: the question is put again, not lost', async () => {
  const queries = new GraphqlQueries('http://127.0.0.1:1/graphql', () => Promise.reject(new TypeError('Failed to fetch')))
  await expect(queries.ask('{ orders { id } }', {})).rejects.toMatchObject({ code: 'client/offline', retry: 'later' })
})
