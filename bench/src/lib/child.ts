import { fork } from 'node:child_process'

/** Another process that works when it is told: the other side of a connection, so that only our side's CPU is measured. */
export interface Child<Task, Answer> extends Disposable {
  /** Gives a task, resolves with its answer. One at a time. */
  ask(task: Task): Promise<Answer>
}

/** Starts a module that calls `answerTasks`. */
export function startChild<Task, Answer>(
  module: URL,
  execArgv: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Child<Task, Answer> {
  const child = fork(module, {
    execArgv: [...process.execArgv, ...execArgv],
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return {
    ask: (task) =>
      new Promise((resolve, reject) => {
        const died = (): void => reject(new Error('the other process has ended'))
        child.once('exit', died)
        child.once('message', (answer) => {
          child.off('exit', died)
          resolve(answer as Answer)
        })
        child.send(task as object)
      }),
    [Symbol.dispose]: () => {
      if (child.connected) child.disconnect()
    },
  }
}

/** The child's side: does each task that comes. Ends, as processes do that tidy up, when its parent lets go of it or is gone. */
export function answerTasks<Task, Answer>(work: (task: Task) => Promise<Answer>): void {
  process.on('message', (task) => {
    void work(task as Task).then((answer) => process.send?.(answer as object))
  })
  process.on('disconnect', () => process.exit(0))
}
