import { describeClock } from '@sheetflow/testkit/kits/host-kits'
import { systemClock } from './system-clock.ts'

describeClock('the machine', systemClock)
