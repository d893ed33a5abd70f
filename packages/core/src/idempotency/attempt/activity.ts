/** How many claims and claimed requests a guard has under way, and whether it takes new ones. */
export class Activity {
  #underWay = 0
  #isClosed = false
  #idle: (() => void)[] = []

  get isClosed(): boolean {
    return this.#isClosed
  }

  begin(): void {
    this.#underWay++
  }

  end(): void {
    this.#underWay--
    if (this.#underWay > 0) return
    for (const tell of this.#idle.splice(0)) tell()
  }

  /** Takes nothing new; resolves when nothing is under way, or after so many seconds. */
  async close(drainSeconds: number): Promise<void> {
    this.#isClosed = true
    if (this.#underWay === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, drainSeconds * 1000)
      this.#idle.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}
