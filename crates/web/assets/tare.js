// Says every moment of the page in the zone of whoever reads, and in UTC when they ask at the foot of the page.
//
// Without this, pages say UTC. What is written here is as long as what the server wrote, so that nothing moves; the
// title of each moment stays in UTC. Days of the books are no moments, and stay as they are.

(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'your own zone';
  const times = [...document.querySelectorAll('time[datetime*="T"]')];
  const foot = document.querySelector('.zones');
  if (!foot || ['UTC', 'Etc/UTC'].includes(zone)) return;

  const two = (number) => String(number).padStart(2, '0');
  // A moment moved by its offset, so that its parts in UTC are those on the clock of the zone.
  const local = (at, isUtc) => new Date(at.getTime() - (isUtc ? 0 : at.getTimezoneOffset() * 60_000));
  const day = (moved) => moved.toISOString().slice(0, 10);

  // +01, and with minutes where the zone has some: +5:30. UTC for what is asked in UTC.
  function offset(at, isUtc) {
    if (isUtc) return 'UTC';
    const east = -at.getTimezoneOffset();
    const [hours, minutes] = [Math.floor(Math.abs(east) / 60), Math.abs(east) % 60];
    const sign = east < 0 ? '\u2212' : '+';
    return minutes ? `${sign}${hours}:${two(minutes)}` : `${sign}${two(hours)}`;
  }

  // As the server counts them, by days of the zone.
  function near(at, now, isUtc) {
    const [then, today] = [at, now].map((moment) => day(local(moment, isUtc)));
    const days = (Date.parse(then) - Date.parse(today)) / 86_400_000;
    if (days <= 0) return 'today';
    if (days === 1) return 'tomorrow';
    return days <= 60 ? `in ${days} days` : then;
  }

  function say(time, isUtc) {
    const at = new Date(time.dateTime);
    const { form, now } = time.dataset;
    if (form === 'near') time.textContent = near(at, new Date(now), isUtc);
    else if (form === 'day') time.textContent = day(local(at, isUtc));
    else {
      const [date, , clock] = time.childNodes;
      const moved = local(at, isUtc);
      date.textContent = day(moved);
      clock.firstChild.data = `${moved.toISOString().slice(11, 16)} `;
      const words = offset(at, isUtc);
      clock.lastChild.textContent = words;
      clock.lastChild.classList.toggle('fine', words.length > 3);
    }
  }

  // What was chosen is kept by the browser alone, where it keeps anything.
  const kept = {
    read() {
      try {
        return localStorage.getItem('times') === 'utc';
      } catch {
        return false;
      }
    },
    write(isUtc) {
      try {
        localStorage.setItem('times', isUtc ? 'utc' : 'local');
      } catch {}
    },
  };

  const words = foot.querySelector('span');
  const button = document.createElement('button');
  button.className = 'plain';
  button.type = 'button';

  function show(isUtc) {
    for (const time of times) say(time, isUtc);
    words.textContent = isUtc ? 'Times are in UTC.' : `Times are in ${zone.replaceAll('_', ' ')}. Point at one for UTC.`;
    button.textContent = isUtc ? `Show them in ${zone.replaceAll('_', ' ')}` : 'Show them in UTC';
  }

  let isUtc = kept.read();
  button.addEventListener('click', () => {
    isUtc = !isUtc;
    kept.write(isUtc);
    show(isUtc);
  });
  show(isUtc);
  foot.append(' ', button);
})();
