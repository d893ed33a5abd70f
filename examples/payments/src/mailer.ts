export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
}

export interface Mailer {
  send(mail: Mail): Promise<void>
}

/** Prints what another would send. */
export const demoMailer: Mailer = {
  send: async ({ to, subject, text }) => console.log(`\nMail to ${to}: ${subject}\n${text}\n`),
}
