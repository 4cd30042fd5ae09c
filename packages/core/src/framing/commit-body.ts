import type { CommitBody } from '../message.ts'

/** The fields of a commit and nothing else, in the order in which they are written. */
export function commitBody(commit: CommitBody): CommitBody {
  const { at, mark, inbox, inputs, causes, counts } = commit
  return {
    at,
    ...(mark === undefined ? {} : { mark }),
    ...(inbox === undefined ? {} : { inbox }),
    ...(inputs === undefined ? {} : { inputs }),
    causes,
    counts,
  }
}
