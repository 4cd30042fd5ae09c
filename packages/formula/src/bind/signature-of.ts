import { functionNamed } from '../functions/catalogue.ts'
import { signature } from '../functions/definition.ts'

/** How a call of that function is written. */
export function signatureOf(name: string): string {
  const definition = functionNamed(name)
  return definition === undefined ? name : signature(definition)
}
