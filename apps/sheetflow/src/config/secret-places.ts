import type { Secrets } from '@sheetflow/core/ports/host'
import type { Config } from './config.ts'
import { envSecrets } from './secret.ts'

/** Where secrets are looked for, in order. */
export function secretPlaces(config: Config): Secrets[] {
  return config.secrets.map(({ type }) => {
    switch (type) {
      case 'env':
        return envSecrets(process.env)
    }
  })
}
