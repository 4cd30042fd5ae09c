import { answerTasks } from '../lib/child.ts'
import { contender } from './place.ts'

/** One contender of one case, in a process of its own. */
answerTasks(contender())
