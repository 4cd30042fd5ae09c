import { describeSecrets } from '@sheetflow/testkit/kits/host-kits'
import { envSecrets } from './secret.ts'

describeSecrets('environment', () => {
  const env: NodeJS.ProcessEnv = {}
  return {
    secrets: envSecrets(env),
    set: (name, text) => {
      env[name] = text
    },
  }
})
