import type { CommitBody } from '../message.ts'

/** The fields of a commit and nothing else. */
export function commitBody({ at, mark, inbox, inputs, causes, counts }: CommitBody): CommitBody {
  const body: { -readonly [Field in keyof CommitBody]: CommitBody[Field] } = { at, causes, counts }
  if (mark !== undefined) body.mark = mark
  if (inbox !== undefined) body.inbox = inbox
  if (inputs !== undefined) body.inputs = inputs
  return body
}

/** The same as they are written: JSON without its braces. */
export function commitText({ at, mark, inbox, inputs, causes, counts }: CommitBody): string {
  const marked = mark === undefined ? '' : `,"mark":${JSON.stringify(mark)}`
  const upTo = `${inbox === undefined ? '' : `,"inbox":${inbox}`}${inputs === undefined ? '' : `,"inputs":${JSON.stringify(inputs)}`}`
  const caused = causes.length === 0 ? '[]' : JSON.stringify(causes)
  return `"at":${JSON.stringify(at)}${marked}${upTo},"causes":${caused},"counts":${JSON.stringify(counts)}`
}
