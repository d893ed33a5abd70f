import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'

/** `latchkey completion <shell>`, from the commands and options that are there: add it last. */
export function addCompletion(program: Command): void {
  tab(program, { completionCommandName: 'completion' })
}
