import { isObjectType } from 'graphql'
import type { GraphQLObjectType, OperationDefinitionNode } from 'graphql'
import { must } from '@sheetflow/core/assert'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { AcceptCommand, CommandAccepted } from '@sheetflow/core/ports/commands'
import type { Claims, Clock, Log } from '@sheetflow/core/ports/host'
import { commandOf } from '../commands/command-of.ts'
import { toldError } from '../told-error.ts'
import { errorExtensions } from './answer-text.ts'
import type { AnswerError } from './render-rows.ts'
import type { RoleSchema } from './role-schema.ts'
import { setsBelow } from './selection.ts'
import type { SelectedField, SelectionReader } from './selection.ts'

/** Sends the commands of a mutation one after the other, in the order of the document; the answer's JSON text. A refused one is null, the others go on. */
export async function mutate(
  role: RoleSchema,
  selections: SelectionReader,
  operation: OperationDefinitionNode,
  by: { readonly commands: AcceptCommand; readonly claims: Claims; readonly log: Log; readonly clock: Clock },
): Promise<string> {
  const mutation = must(role.schema.getMutationType())
  const data = new Map<string, unknown>()
  const errors: AnswerError[] = []
  for (const field of selections.fields(mutation, [operation.selectionSet])) {
    if (field.name === '__typename') data.set(field.responseKey, mutation.name)
    else {
      try {
        const accepted = await by.commands.accept(commandOf(field.args), by.claims)
        data.set(field.responseKey, selected(mutation, selections, field, accepted))
      } catch (error) {
        if (!isSheetflowError(error)) throw error
        data.set(field.responseKey, null)
        const told = toldError(error, by)
        errors.push({ message: told.message, path: [field.responseKey], extensions: errorExtensions(told) })
      }
    }
  }
  // By entries: a name like `__proto__` is a name here.
  return JSON.stringify({ ...(errors.length === 0 ? {} : { errors }), data: Object.fromEntries(data) })
}

function selected(mutation: GraphQLObjectType, selections: SelectionReader, field: SelectedField, accepted: CommandAccepted): unknown {
  const type = mutation.getFields()[field.name]?.type
  if (!isObjectType(type)) return null
  const values: Readonly<Record<string, unknown>> = { ...accepted, __typename: type.name }
  return Object.fromEntries(selections.fields(type, setsBelow(field)).map(({ responseKey, name }) => [responseKey, values[name]]))
}
