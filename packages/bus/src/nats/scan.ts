import { Cut, type Link } from './link.ts'
import { Pull, type Pulled, type PullOptions } from './pull.ts'

/**
 * What a consumer delivers until there is no more, in pieces. Throws `Cut` if it is lost on the way, or the server does not deliver what it has counted (it counts once more then): `Link.patiently` begins
 * again. So the end is never an end too early.
 */
export async function* scan(link: Link, stream: string, options: PullOptions): AsyncGenerator<readonly Pulled[]> {
  const { signal } = link.closing
  await using pull = await Pull.open(link, stream, options)
  let left = pull.pending
  while (left > 0) {
    const pulled = await pull.take(signal)
    if (pulled === null || pulled.length === 0) throw new Cut()
    left = Math.min(left - pulled.length, pulled.at(-1)?.pending ?? 0)
    yield pulled
  }
}

/** The same as one list, from the start again if it is lost on the way. */
export async function drain(link: Link, stream: string, options: PullOptions): Promise<readonly Pulled[]> {
  return await link.patiently(async () => {
    const all: Pulled[] = []
    for await (const pulled of scan(link, stream, options)) for (const each of pulled) all.push(each)
    return all
  })
}
