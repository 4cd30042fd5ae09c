import type { AcceptCommand, CommandAccepted } from '@sheetflow/core/ports/commands'
import type { Claims, Clock, Identity, Secrets } from '@sheetflow/core/ports/host'
import { describe, expect, it } from 'vitest'

/** The small ports of whoever runs Sheetflow, each with what callers rely on. `Log` promises nothing that could be wrong. */

const CLERK: Claims = { user: '7', role: 'clerk', expires: null, all: { sub: '7' } }
const ID = '01J9ZQ3K7M4T8V2W5X6Y7Z8A9B'
const ACCEPTED: CommandAccepted = { id: ID, status: 'accepted', validForMs: 45_000 }

/** Takers of commands: `ship`, payload `{id: int}`, for clerks, which may wait 45 s. */
export interface AcceptCommandLab {
  readonly commands: AcceptCommand
  /** Ids in the inbox, as whoever executes commands reads them. */
  written(): Promise<readonly string[]>
}

/** Runs every guarantee of the port `AcceptCommand`. */
export function describeAcceptCommand(name: string, make: () => Promise<AcceptCommandLab>): void {
  describe(`accept command: ${name}`, () => {
    it('accepted means that the inbox has it', async () => {
      const { commands, written } = await make()
      expect(await commands.accept({ id: ID, name: 'ship', payload: { id: 42 } }, CLERK)).toEqual(ACCEPTED)
      expect(await written()).toEqual([ID])
    })

    it('a second one with the same id changes nothing, also when both come at once', async () => {
      const { commands, written } = await make()
      const again = async (): Promise<unknown> => await commands.accept({ id: ID, name: 'ship', payload: { id: 42 } }, CLERK)
      for (const answer of await Promise.all([again(), again(), again()])) expect(answer).toEqual(ACCEPTED)
      expect(await again()).toEqual(ACCEPTED)
      expect(await written()).toEqual([ID])
    })

    it.each([
      ['a name that nobody defined', 'command/unknown', { id: ID, name: 'shop', payload: { id: 42 } }, CLERK],
      ['a payload that does not fit', 'command/bad-payload', { id: ID, name: 'ship', payload: { id: 'forty' } }, CLERK],
      ['an id that is no ULID', 'command/bad-payload', { id: '1', name: 'ship', payload: { id: 42 } }, CLERK],
      ['a role that may not', 'access/denied', { id: ID, name: 'ship', payload: { id: 42 } }, { ...CLERK, role: 'guest' }],
      ['nobody', 'access/denied', { id: ID, name: 'ship', payload: { id: 42 } }, { ...CLERK, user: null, role: null }],
    ] as const)('%s is refused before anything is written', async (_, code, request, claims) => {
      const { commands, written } = await make()
      await expect(commands.accept(request, claims)).rejects.toMatchObject({ code })
      expect(await written()).toEqual([])
    })
  })
}

/** An identity, its time, and a maker of tokens that it takes. */
export interface IdentityLab {
  readonly identity: Identity
  /** Milliseconds since 1970 that the identity reads. */
  nowMs: number
  /** A good token of this user in this role with these claims, that ends in so many seconds. */
  token(claims: {
    readonly user: string
    readonly role: string
    readonly more: Claims['all']
    readonly lifeSeconds: number
  }): Promise<string>
}

/** Runs every guarantee of the port `Identity`. */
export function describeIdentity(name: string, make: () => Promise<IdentityLab>): void {
  describe(`identity: ${name}`, () => {
    const who = { user: '7', role: 'clerk', more: { tenant: 1 }, lifeSeconds: 60 }

    it('says who speaks, in which role, until when, with all claims', async () => {
      const lab = await make()
      const claims = await lab.identity.claims(await lab.token(who))
      expect(claims).toMatchObject({ user: '7', role: 'clerk', all: { tenant: 1 } })
      expect(claims.expires).toBe(Math.floor(lab.nowMs / 1000) + 60)
    })

    it('a token ends when it says, also one that was good a moment ago', async () => {
      const lab = await make()
      const token = await lab.token(who)
      await lab.identity.claims(token)
      lab.nowMs += 61_000
      await expect(lab.identity.claims(token)).rejects.toMatchObject({ code: 'access/unauthenticated' })
    })

    it('what cannot be verified is refused with one code, whatever it is', async () => {
      const lab = await make()
      const token = await lab.token(who)
      const [head = '', body = '', signature = ''] = token.split('.')
      const admin = Buffer.from(Buffer.from(body, 'base64url').toString().replace('clerk', 'admin')).toString('base64url')
      const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
      const forged = [`${head}.${admin}.${signature}`, `${none}.${body}.`, `${head}.${body}.`, `${head}.${body}`, `${token}x`]
      for (const bad of [...forged, '', '.', '..', 'x', '\u0000', 'x'.repeat(100_000)]) {
        const failure: unknown = await lab.identity.claims(bad).catch((error: unknown) => error)
        expect(failure).toMatchObject({ code: 'access/unauthenticated' })
      }
    })
  })
}

/** Runs every guarantee of the port `Secrets`; `set` puts a secret into the place. */
export function describeSecrets(name: string, make: () => { readonly secrets: Secrets; set(name: string, text: string): void }): void {
  describe(`secrets: ${name}`, () => {
    it('reads late: what is there when it is asked for', async () => {
      const { secrets, set } = make()
      set('KIT_SECRET', 'one')
      expect(await secrets.read('KIT_SECRET')).toBe('one')
      set('KIT_SECRET', 'two')
      expect(await secrets.read('KIT_SECRET')).toBe('two')
    })

    it('null for what this place does not know; an empty text is a text', async () => {
      const { secrets, set } = make()
      expect(await secrets.read('KIT_NOWHERE')).toBeNull()
      set('KIT_EMPTY', '')
      expect(await secrets.read('KIT_EMPTY')).toBe('')
    })
  })
}

/** Runs every guarantee of the port `Clock`. */
export function describeClock(name: string, clock: Clock): void {
  describe(`clock: ${name}`, () => {
    it('sleeps at least as long as asked', async () => {
      const began = clock.now()
      await clock.sleep(20)
      // A millisecond is lost where both ends are cut off.
      expect(clock.now() - began).toBeGreaterThanOrEqual(19)
    })

    it('wakes at once, and without an error, when the signal aborts before or meanwhile', async () => {
      await expect(clock.sleep(3_600_000, AbortSignal.abort())).resolves.toBeUndefined()
      const ending = new AbortController()
      const sleeping = clock.sleep(3_600_000, ending.signal)
      ending.abort()
      await expect(sleeping).resolves.toBeUndefined()
    })
  })
}
