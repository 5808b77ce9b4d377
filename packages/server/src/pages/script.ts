// The script of the pages, as it is sent. Everything works without it; it copies, takes what is dropped, and keeps live what is live.

/** Plain JavaScript for browsers of the last three years. */
export const script: string = `'use strict'
// Lines to copy get a button.
for (const block of document.querySelectorAll('.copy')) {
  const button = document.createElement('button')
  const say = (text) => {
    button.textContent = text
  }
  button.type = 'button'
  button.setAttribute('aria-label', 'Copy: ' + (block.querySelector('figcaption')?.textContent ?? 'text'))
  say('Copy')
  button.addEventListener('click', async () => {
    const text = block.querySelector('code').textContent
    try {
      await navigator.clipboard.writeText(text)
      say('Copied')
    } catch {
      // Without https a browser has no clipboard for pages: what is selected can be copied by hand.
      getSelection().selectAllChildren(block.querySelector('code'))
      say(document.execCommand('copy') ? 'Copied' : 'Press Ctrl+C')
    }
    setTimeout(() => say('Copy'), 2000)
  })
  block.prepend(button)
}
// A slash leads to the search, as on many sites.
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
  if (/^(input|textarea|select)$/i.test(document.activeElement?.tagName ?? '')) return
  event.preventDefault()
  document.querySelector('.find input')?.select()
})
// What is dropped is put into the fields for files, each into the one that takes it. Several charts are sent one after the other.
for (const form of document.querySelectorAll('[data-drop]')) {
  const [charts, provenance] = form.querySelectorAll('input[type=file]')
  const shown = form.querySelector('output')
  charts.multiple = true
  const show = () => {
    shown.textContent = [...charts.files, ...provenance.files].map((file) => file.name).join(', ')
  }
  form.addEventListener('change', show)
  for (const name of ['dragenter', 'dragover', 'dragleave', 'drop'])
    form.addEventListener(name, (event) => {
      event.preventDefault()
      form.classList.toggle('over', name === 'dragenter' || name === 'dragover')
    })
  form.addEventListener('drop', (event) => {
    const [forCharts, forProvenance] = [new DataTransfer(), new DataTransfer()]
    for (const file of event.dataTransfer.files)
      (file.name.endsWith('.prov') ? forProvenance : forCharts).items.add(file)
    if (forCharts.files.length > 0) charts.files = forCharts.files
    if (forProvenance.files.length > 0) provenance.files = forProvenance.files
    show()
  })
  form.addEventListener('submit', async (event) => {
    if (charts.files.length < 2) return
    event.preventDefault()
    const action = event.submitter?.getAttribute('formaction') ?? form.action
    const failed = []
    for (const file of charts.files) {
      shown.textContent = file.name
      const body = new FormData()
      body.set('chart', file)
      const answer = await fetch(action, { method: 'POST', body, redirect: 'manual', headers: { Accept: 'application/json' } })
      if (answer.type !== 'opaqueredirect') failed.push(file.name + ': ' + (await answer.json()).error)
    }
    if (failed.length === 0) location.assign(form.dataset.drop)
    else shown.textContent = 'Not uploaded: ' + failed.join('; ')
  })
}
// What is live is asked for again, while somebody looks.
if (document.querySelector('[data-live]'))
  setInterval(async () => {
    if (document.hidden) return
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' } })
      if (!answer.ok || answer.redirected) return
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
      for (const part of document.querySelectorAll('[data-live]')) {
        const now = fresh.getElementById(part.id)
        if (now && now.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.innerHTML = now.innerHTML
      }
    } catch {}
  }, 10000)
`
