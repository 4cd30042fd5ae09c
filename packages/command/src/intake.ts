import { isoFromMs } from '@sheetflow/core/calendar'
import { SheetflowError } from '@sheetflow/core/errors'
import { encodeBody } from '@sheetflow/core/framing/codec'
import type { Command, SourceInbox } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { AcceptCommand, CommandAccepted, CommandRequest } from '@sheetflow/core/ports/commands'
import type { Claims, Clock } from '@sheetflow/core/ports/host'
import { sourceInbox, sourceInboxSubject } from '@sheetflow/core/subject'
import { isUlid } from '@sheetflow/core/ulid'
import type { JsonValue } from '@sheetflow/core/value'
import type { CommandSet, CommandSpec } from './define-commands.ts'
import { readPayload } from './payload.ts'

/** What taking commands needs. */
export interface IntakeOptions {
  readonly bus: Pick<Bus, 'ensure' | 'append'>
  /** Source → its commands. */
  readonly sources: Readonly<Record<string, CommandSet>>
  readonly clock: Pick<Clock, 'now'>
}

/**
 * The server's side of commands: checks one and puts it into its source's inbox. The message id is the command's id, so a client that asks again
 * changes nothing. `config/invalid` if two sources have a command of the same name.
 */
export function commandIntake({ bus, sources, clock }: IntakeOptions): AcceptCommand {
  const places = placesOf(sources)
  const opened = new Map<string, Promise<unknown>>()
  const open = async (stream: string): Promise<void> => {
    let opening = opened.get(stream)
    if (opening === undefined) opened.set(stream, (opening = bus.ensure(stream)))
    try {
      await opening
    } catch (error) {
      opened.delete(stream)
      throw error
    }
  }
  return {
    async accept(request: CommandRequest, claims: Claims): Promise<CommandAccepted> {
      const { source, spec } = placeOf(places, request.name)
      const message: SourceInbox = { v: 1, kind: 'command', ...commandOf(spec, request, claims, clock.now()) }
      const stream = sourceInbox(source)
      await open(stream)
      await bus.append(stream, [{ subject: sourceInboxSubject(source, 'command'), id: request.id, body: encodeBody(message) }])
      return { id: request.id, status: 'accepted', validForMs: spec.validForMs }
    },
  }
}

interface Place {
  readonly source: string
  readonly spec: CommandSpec
}

function placesOf(sources: IntakeOptions['sources']): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  for (const [source, commands] of Object.entries(sources)) {
    for (const spec of commands.values()) {
      const other = places.get(spec.name)
      if (other !== undefined) {
        throw new SheetflowError('config/invalid', `the command ${spec.name} is defined by the sources ${other.source} and ${source}`, {
          fix: 'Rename one of them: a client says only the name.',
        })
      }
      places.set(spec.name, { source, spec })
    }
  }
  return places
}

function placeOf(places: ReadonlyMap<string, Place>, name: string): Place {
  const place = places.get(name)
  if (place !== undefined) return place
  throw new SheetflowError('command/unknown', `there is no command '${name}'`, {
    fix: 'Define it in the commands file of a source, and name that file with `commands:`.',
  })
}

function commandOf(spec: CommandSpec, request: CommandRequest, claims: Claims, nowMs: number): Command {
  if (!isUlid(request.id)) {
    throw new SheetflowError('command/bad-payload', 'the id of a command is a ULID', {
      fix: 'Make it in the client with ulid(); send it again unchanged to ask again.',
    })
  }
  if (claims.role === null || !spec.allow.includes(claims.role)) {
    throw new SheetflowError('access/denied', `the role ${claims.role ?? '(none)'} may not send ${spec.name}`, {
      fix: `Roles that may are named in its \`allow\`.`,
    })
  }
  const payload = readPayload(spec.name, spec.payload, request.payload)
  return {
    id: request.id,
    name: spec.name,
    payload,
    user: claims.user,
    claims: { ...claims.all, role: claims.role },
    order: orderOf(spec, payload, claims.user),
    at: isoFromMs(nowMs),
    validForMs: spec.validForMs,
  }
}

function orderOf(spec: CommandSpec, payload: Readonly<Record<string, JsonValue>>, user: string | null): string {
  if (spec.order === null) return `user:${user ?? ''}`
  try {
    return String(spec.order(payload))
  } catch (cause) {
    throw new SheetflowError('command/failed', `the order function of ${spec.name} failed`, {
      fix: 'Mend it: it gets the checked payload and returns text.',
      cause,
    })
  }
}
