import { SheetflowError } from '@sheetflow/core/errors'
import { roleName, type Role } from './role.ts'

/** What each kind of role is one of. */
const ONE_OF: Readonly<Record<Exclude<Role['kind'], 'serve'>, string>> = { capture: 'source', graph: 'graph', store: 'store' }

/**
 * The roles that `--roles capture=shop,graph,serve` means, of those that there are: a kind alone means all of it. In the order in which data passes them.
 * `app/usage` names what there is when something is not known.
 */
export function chooseRoles(text: string, all: readonly Role[]): Role[] {
  const chosen = new Set<Role>()
  for (const word of text.split(',').map((each) => each.trim())) for (const role of meant(word, all)) chosen.add(role)
  return all.filter((role) => chosen.has(role))
}

function meant(word: string, all: readonly Role[]): readonly Role[] {
  const [kind = '', ...rest] = word.split('=')
  const named = rest.length === 0 ? null : rest.join('=')
  const ofKind = all.filter((role) => role.kind === kind)
  if (!Object.hasOwn(ONE_OF, kind) && kind !== 'serve') throw unknown(`there is no role '${word}'`, all)
  if (named === null) return ofKind
  const found = ofKind.filter((role) => role.kind !== 'serve' && roleName(role) === `${kind}:${named}`)
  if (found.length > 0) return found
  const what = ONE_OF[kind as keyof typeof ONE_OF]
  throw unknown(what === undefined ? `'${word}': serve has no parts` : `there is no ${what} '${named}'`, all)
}

function unknown(message: string, all: readonly Role[]): SheetflowError {
  const words = all.map((role) => roleName(role).replace(':', '='))
  return new SheetflowError('app/usage', `--roles: ${message}`, {
    fix: `There are: ${words.join(', ')}; capture, graph or store alone means all of its kind.`,
  })
}
