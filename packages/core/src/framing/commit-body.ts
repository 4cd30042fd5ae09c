import type { CommitBody } from '../message.ts'
import type { InboxPlace } from '../position.ts'

/** The fields of a commit and nothing else. */
export function commitBody({ at, mark, inbox, inboxAt, inputs, causes, counts }: CommitBody): CommitBody {
  const body: { -readonly [Field in keyof CommitBody]: CommitBody[Field] } = { at, causes, counts }
  if (mark !== undefined) body.mark = mark
  if (inbox !== undefined) body.inbox = inbox
  if (inboxAt !== undefined) body.inboxAt = inboxAt
  if (inputs !== undefined) body.inputs = inputs
  return body
}

/** The same as they are written: JSON without its braces. One that rides in another message does without the name of its place in the inbox: such are many. */
export function commitText({ at, mark, inbox, inboxAt, inputs, causes, counts }: CommitBody, rides: boolean): string {
  const marked = mark === undefined ? '' : `,"mark":${JSON.stringify(mark)}`
  const finished =
    inbox === undefined ? '' : `,"inbox":${inbox}${inboxAt === undefined || rides ? '' : `,"inboxAt":${JSON.stringify(inboxAt)}`}`
  const upTo = `${finished}${inputs === undefined ? '' : `,"inputs":${JSON.stringify(inputs)}`}`
  const caused = causes.length === 0 ? '[]' : JSON.stringify(causes)
  return `"at":${JSON.stringify(at)}${marked}${upTo},"causes":${caused},"counts":${JSON.stringify(counts)}`
}

/** The fields of a commit that say up to where the source's inbox is finished. */
export function inboxOf({ offset, at }: InboxPlace): Pick<CommitBody, 'inbox' | 'inboxAt'> {
  return { inbox: offset, ...(at === undefined ? {} : { inboxAt: at }) }
}

/** The other way round; null: the commit does not say. */
export function inboxIn({ inbox, inboxAt }: Pick<CommitBody, 'inbox' | 'inboxAt'>): InboxPlace | null {
  return inbox === undefined ? null : { offset: inbox, ...(inboxAt === undefined ? {} : { at: inboxAt }) }
}
