// Postal addresses in the forms of their countries, and in those that forms and people make of them.
const suffixes = ['Street', 'St', 'St.', 'Road', 'Rd', 'Rd.', 'Avenue', 'Ave', 'Ave.', 'Lane', 'Ln', 'Drive', 'Dr', 'Dr.', 'Boulevard', 'Blvd', 'Court', 'Ct', 'Place', 'Way', 'Terrace', 'Close', 'Crescent', 'Parkway', 'Circle', 'Square', 'Highway', 'Trail', 'Row', 'Hill', 'Grove', 'Gardens', 'Walk', 'Mews'];
const states = ['AL', 'AK', 'AZ', 'CA', 'CO', 'CT', 'FL', 'GA', 'IL', 'IN', 'MA', 'MI', 'MN', 'NC', 'NJ', 'NV', 'NY', 'OH', 'OR', 'PA', 'TN', 'TX', 'UT', 'VA', 'WA', 'WI'];
const letters = 'ABCDEFGHJKLMNPRSTUVWXYZ';

// The lines of an address.
export function lines(maker, chance) {
  const digits = (n) => Array.from({ length: n }, (_, i) => (i === 0 ? 1 + chance.below(9) : chance.below(10))).join('');
  const number = () => `${1 + chance.below(chance.one([20, 200, 2000, 20000]))}${chance.is(0.08) ? chance.one(['a', 'b', 'A', ' bis', '-12', '/3', ' B', '/12']) : ''}`;
  const letter = () => letters[chance.below(letters.length)];
  const pool = maker.pool();
  const of = (what) => { try { return pool.faker.location[what](); } catch { return maker.english.location[what](); } };  // not all countries have all
  const name = () => (chance.is(0.5) ? maker.family() : chance.is(0.5) ? chance.one(['Main', 'Oak', 'Maple', 'Park', 'Church', 'High', 'Station', 'Mill', 'Victoria', 'King', 'Queens', 'Green', 'Lake', 'Hill', 'Elm', 'Cedar', 'Washington', 'Highland', 'Spring', 'North', 'South', 'Old', 'Bridge', 'School', 'Springfield', 'Chestnut', 'Sunset', 'River', '5th', '21st', '3rd', 'Second', 'Third']) : maker.given());
  const street = () => `${chance.is(0.08) ? chance.one(['N ', 'S. ', 'East ', 'W ', 'NW ', 'North ']) : ''}${name()}${chance.is(0.15) ? ` ${name()}` : ''} ${chance.one(suffixes)}${chance.is(0.04) ? chance.one([' N', ' SW', ' E']) : ''}`;
  const flat = () => chance.one([`Apt ${number()}`, `Apt. ${digits(3)}`, `Suite ${digits(3)}`, `Ste ${digits(3)}`, `Unit ${digits(2)}`, `#${digits(2)}`, `Flat ${digits(1)}`, `Floor ${digits(1)}`, `Apartment ${digits(1)}${letter()}`]);
  const city = () => of('city');
  const zip = () => of('zipCode');
  const own = () => { const s = of('street'); return chance.is(0.5) ? `${s} ${number()}` : `${number()} ${s}`; };
  const country = () => of('country');
  const de = () => `${chance.is(0.6) ? chance.one([maker.family(), maker.given(), 'Haupt', 'Bahnhof', 'Garten', 'Schul', 'Berg', 'Kirch', 'Linden', 'Goethe', 'Ring', 'Wald', 'Mühlen', 'Rosen', 'Dorf']) + chance.one(['straße', 'strasse', 'str.', 'weg', 'gasse', 'allee', 'platz', 'ring', 'damm']) : `${chance.one([maker.family(), 'Am', 'An der', 'Berliner', 'Lange', 'Alte', 'Kleine', 'Im'])} ${chance.one(['Straße', 'Str.', 'Weg', 'Allee', 'Platz', 'Markt', 'Mühle', 'Bach', 'Berg'])}`} ${number()}`;
  const zipCity = (z) => `${z} ${city()}`;
  const forms = {
    us: () => [`${number()} ${street()}${chance.is(0.2) ? ` ${flat()}` : ''}`, `${city()}, ${chance.one(states)} ${digits(5)}${chance.is(0.1) ? `-${digits(4)}` : ''}`],
    usFlat: () => [`${number()} ${street()}`, flat(), `${city()}, ${chance.one(states)} ${digits(5)}`],
    usState: () => [`${number()} ${street()}`, city(), `${of('state')} ${digits(5)}`],
    box: () => [`${chance.one(['P.O. Box', 'PO Box', 'Box', 'Postfach', 'Apartado', 'Unit', 'PSC'])} ${digits(3)}`, `${city()}, ${chance.one(states)} ${digits(5)}`],
    military: () => [chance.one([`PSC ${digits(4)}, Box ${digits(4)}`, `Unit ${digits(4)} Box ${digits(4)}`, `USS ${maker.family()}`, `CMR ${digits(3)}, Box ${digits(3)}`]), `${chance.one(['APO', 'FPO', 'DPO'])} ${chance.one(['AE', 'AP', 'AA'])} ${digits(5)}`],
    uk: () => [`${chance.is(0.15) ? `${flat()}, ` : ''}${number()} ${street()}`, city(), `${letter()}${chance.is(0.5) ? letter() : ''}${digits(1)}${chance.is(0.3) ? digits(1) : ''} ${digits(1)}${letter()}${letter()}`],
    ca: () => [`${number()} ${street()}`, `${city()}, ${chance.one(['ON', 'BC', 'QC', 'AB', 'NS'])} ${letter()}${digits(1)}${letter()} ${digits(1)}${letter()}${digits(1)}`],
    au: () => [`${number()} ${street()}`, `${city()} ${chance.one(['NSW', 'VIC', 'QLD', 'WA', 'SA'])} ${digits(4)}`],
    ind: () => [`${number()}, ${street()}`, `${city()} - ${digits(6)}`],
    de: () => [de(), zipCity(digits(5))],
    at: () => [de(), zipCity(`${chance.one(['', '', 'A-', 'CH-'])}${digits(4)}`)],
    fr: () => [`${number()}${chance.one(['', '', ','])} ${chance.one(['rue', 'avenue', 'boulevard', 'place', 'impasse', 'chemin', 'allée', 'quai', 'Rue', 'Avenue', 'av.', 'bd'])} ${chance.one(['', '', 'de la ', 'du ', 'des ', "de l'"])}${chance.one([maker.full(), maker.family(), 'République', 'Gare', 'Moulin', 'Victor Hugo', 'Général de Gaulle', 'Lilas', 'Église', 'Paix', 'Écoles'])}`, zipCity(digits(5))],
    es: () => [`${chance.one(['Calle', 'C/', 'Avenida', 'Avda.', 'Plaza', 'Paseo', 'calle', 'Av.', 'Carrera', 'Camino'])} ${chance.one(['', 'de ', 'del ', 'de la '])}${chance.one([maker.full(), maker.family(), 'Mayor', 'Sol', 'Constitución', 'San Juan', 'Real', 'Alcalá', 'Independencia'])}${chance.one([', ', ' ', ' nº ', ' #', ' No. '])}${number()}${chance.is(0.2) ? `, ${digits(1)}º ${letter()}` : ''}`, zipCity(digits(5))],
    it: () => [`${chance.one(['Via', 'Viale', 'Piazza', 'Corso', 'via', 'Largo', 'Vicolo'])} ${chance.one(['', 'della ', 'del ', 'dei '])}${chance.one([maker.full(), maker.family(), 'Roma', 'Garibaldi', 'Mazzini', 'Libertà', 'Vittorio Emanuele II', 'Verdi'])}${chance.one([' ', ', ', ' n. '])}${number()}`, `${zipCity(digits(5))}${chance.is(0.4) ? ` (${letter()}${letter()})` : ''}`],
    nl: () => [`${chance.one([maker.family(), maker.given(), 'Kerk', 'Dorps', 'School', 'Molen', 'Prins ', 'Nieuwe ', 'Oude ', 'Van '])}${chance.one(['straat', 'laan', 'weg', 'plein', 'gracht', 'kade', 'dreef', 'singel'])} ${number()}`, `${digits(4)}${chance.one([' ', ''])}${letter()}${letter()} ${city()}`],
    pl: () => [`${chance.one(['ul.', 'ul.', 'al.', 'pl.', 'os.', 'ulica', ''])} ${chance.one([maker.family(), maker.full(), 'Słoneczna', 'Polna', 'Kościuszki', 'Mickiewicza', 'Długa', 'Leśna', 'Jana Pawła II', '3 Maja'])} ${number()}${chance.is(0.3) ? ` m. ${digits(1)}` : ''}`.trim(), `${digits(2)}-${digits(3)} ${city()}`],
    br: () => [`${chance.one(['Rua', 'Avenida', 'Av.', 'Travessa', 'Alameda', 'R.', 'Praça', 'rua'])} ${chance.one(['', 'da ', 'do ', 'dos '])}${chance.one([maker.full(), maker.family(), 'Flores', 'Paulista', 'Sete de Setembro', 'Independência', 'São João'])}, ${number()}${chance.is(0.3) ? ` - ${chance.one(['Centro', 'Jardim América', 'Vila Nova', 'Boa Vista'])}` : ''}`, chance.one([`${city()} - ${letter()}${letter()}, ${digits(5)}-${digits(3)}`, `${digits(4)}-${digits(3)} ${city()}`, `${digits(5)}-${digits(3)}, ${city()}`])],
    se: () => [`${chance.one([maker.family(), maker.given(), 'Stor', 'Kungs', 'Skol', 'Kyrko', 'Ring', 'Drottning'])}${chance.one(['gatan', 'vägen', 'gata', 'vej', 'gade', 'veien', 'gate', 'katu', 'tie', 'allé', 'stræde', 'plads'])} ${number()}`, `${chance.one([`${digits(3)} ${digits(2)}`, digits(4), digits(5)])} ${city()}`],
    tr: () => [`${chance.one([maker.family(), maker.given(), 'Atatürk', 'Cumhuriyet', 'İstiklal'])} ${chance.one(['Mah.', 'Mahallesi', ''])} ${chance.one([maker.family(), 'Gül', 'Bahçe'])} ${chance.one(['Sok.', 'Sokak', 'Cad.', 'Caddesi', 'Bulvarı'])} No${chance.one([':', ': ', ' '])}${number()}${chance.is(0.4) ? ` D:${digits(1)}` : ''}`.replace(/ {2}/g, ' '), `${digits(5)} ${city()}`],
    ru: () => [`${chance.one(['ул.', 'улица', 'пр.', 'проспект', 'пер.', 'вул.'])} ${chance.one([chance.one(['Ленина', 'Мира', 'Садовая', 'Пушкина', 'Гагарина']), maker.family()])}, ${chance.one(['д. ', '', 'дом '])}${number()}${chance.is(0.5) ? `, кв. ${digits(2)}` : ''}`, `${digits(6)} ${city()}`],
    own: () => [own(), `${zip()} ${city()}`],
    ownFlat: () => [own(), flat(), city(), country()],
    ownComma: () => [own(), city(), zip(), country()],
    mixed: () => [`${digits(2)} ${own()}`, ...(chance.is(0.6) ? [chance.one([flat(), `Suite ${digits(3)}`, `Apt. ${digits(3)}`])] : []), chance.is(0.3) ? city().toUpperCase() : city(), ...(chance.is(0.3) ? [chance.one(states)] : []), chance.one([`${country()} ${zip()}`, country(), zip()])],
    mixedStreet: () => [`${chance.is(0.5) ? `${digits(2)} ` : ''}${own()}${chance.is(0.5) ? ` ${street()}` : ''}`, ...(chance.is(0.6) ? [`Suite ${digits(3)}`] : []), city(), chance.one([`${country()} ${zip()}`, country(), `${english(chance)} ${zip()}`])],
    flatFirst: () => [`${flat()} ${digits(2)} ${own()}`, `${city()} ${letter()}${letter()} ${digits(5)}`],
    boxMixed: () => [`${digits(2)} P.O. Box ${digits(3)}`, flat(), city(), `${country()} ${digits(5)}`],
    corner: () => [`the corner of ${chance.is(0.5) ? own() : street()} and ${street()}`],
    bare: () => [`${number()} ${street()}`],
    bareCity: () => [`${number()} ${street()}`, city()],
    bareOwn: () => [own()],
    bareDe: () => [de()],
    pairOwn: () => [`${maker.given()} and ${own()}`],
    pair: () => [`${chance.one([name(), `${street()}`])} ${chance.one(['and', '&', 'at'])} ${street()}`],
    boxOnly: () => [`${chance.one(['P.O. Box', 'PO Box', 'P. O. Box', 'POB', 'Post Office Box', 'Postfach', 'BP', 'B.P.', 'Apartado de Correos', 'Apartado', 'Casilla', 'Casella Postale', 'Postbus', 'Postboks', 'Box', 'Skr. poczt.', 'а/я'])} ${chance.one([digits(2), digits(3), digits(4), `${digits(2)} ${digits(2)} ${digits(2)}`])}`, ...(chance.is(0.7) ? [chance.one([`${zip()} ${city()}`, city(), `${city()} ${zip()}`])] : [])],
    units: () => [chance.one([`${number()} ${street()}`, own(), de()]), chance.one([flat(), `Building ${letter()}`, `Bldg ${digits(1)}, Apt ${digits(2)}`, `Room ${digits(3)}`, `${digits(1)}${chance.one(['st', 'nd', 'rd', 'th'])} Floor`, `Block ${letter()}, Flat ${digits(2)}`, `Wing ${letter()}`, `Lot ${digits(2)}`, `Trailer ${digits(1)}`, `Penthouse ${digits(1)}`, `Level ${digits(1)}`, `Tower ${digits(1)}`, `# ${digits(3)}`, `Etage ${digits(1)}`, `Hinterhaus`]), `${city()}${chance.one([' ', ', '])}${zip()}`],
    unitFirst: () => [`${chance.one([flat(), `Apt. ${digits(3)}`, `Suite ${digits(3)}`])} ${digits(2)} ${own()}`, `${city()} ${chance.one([zip(), `${letter()}${letter()} ${zip()}`, `nan ${digits(4)}`])}`],
    blockOwn: () => [`${digits(2 + chance.below(4))} ${own()}`, chance.one([`Apt. ${digits(3)}`, `Suite ${digits(3)}`, flat()]), chance.is(0.3) ? city().toUpperCase() : city(), chance.is(0.7) ? `${chance.is(0.5) ? english(chance) : country()} ${digits(5)}` : country()],
    blockBox: () => [`${digits(2)} ${chance.one(['P.O. Box', 'PO Box', 'Postfach', 'Postboks'])} ${digits(3)}`, chance.one([`Apt. ${digits(3)}`, `Suite ${digits(3)}`]), city(), `${country()} ${digits(5)}`],
    numberOwn: () => [`${digits(2)} ${own()}`, ...(chance.is(0.5) ? [city()] : [])],
    ship: () => [`${chance.one(['USS', 'USNS', 'USCGC', 'USNV'])} ${maker.family()}`, `${chance.one(['APO', 'FPO', 'DPO'])} ${chance.one(['AE', 'AP', 'AA'])} ${digits(5)}`],
    ie: () => [`${number()} ${street()}`, chance.one(['Dublin 2', 'Dublin 8', 'Cork', 'Galway', 'Co. Kerry', 'Co. Wicklow']), `${letter()}${digits(2)} ${letter()}${letter()}${digits(2)}`],
    cz: () => [`${chance.one([maker.family(), 'Dlouhá', 'Krátká', 'Nádražní', 'Školní', 'Masarykova', 'náměstí Míru', 'Na Příkopě'])} ${number()}${chance.is(0.3) ? `/${digits(1)}` : ''}`, `${digits(3)} ${digits(2)} ${city()}${chance.is(0.2) ? ` ${digits(1)}` : ''}`],
    hu: () => [`${digits(4)} ${city()}`, `${chance.one([maker.family(), 'Nádor', 'Petőfi Sándor', 'Kossuth Lajos', 'Rákóczi'])} ${chance.one(['utca', 'u.', 'út', 'tér', 'körút'])} ${number()}.`],
    ro: () => [`${chance.one(['Str.', 'Strada', 'Bd.', 'Bulevardul', 'Calea', 'Aleea'])} ${maker.full()} ${chance.one(['nr. ', 'Nr. ', ''])}${number()}${chance.is(0.4) ? `, bl. ${letter()}${digits(1)}, sc. ${letter()}, ap. ${digits(2)}` : ''}`, `${digits(6)} ${city()}`],
    gr: () => [`${chance.one(['Ερμού', 'Σταδίου', 'Λεωφόρος Συγγρού', 'Πατησίων', 'Αγίου Γεωργίου', maker.family()])} ${number()}`, `${digits(3)} ${digits(2)} ${city()}`],
    fi: () => [`${maker.family()}${chance.one(['katu', 'tie', 'kuja', 'polku', 'ntie', 'nkatu'])} ${number()}${chance.is(0.5) ? ` ${letter()} ${digits(2)}` : ''}`, `${digits(5)} ${city()}`],
    jp: () => [`${digits(1)}-${digits(1)}-${digits(2)} ${chance.one(['Marunouchi', 'Shibuya', 'Ginza', 'Umeda', 'Sakae', 'Kitahama'])}`, `${chance.one(['Chiyoda-ku', 'Minato-ku', 'Chuo-ku', 'Naka-ku'])}, ${chance.one(['Tokyo', 'Osaka', 'Nagoya', 'Yokohama'])} ${digits(3)}-${digits(4)}`],
    mx: () => [`${chance.one(['Calle', 'Av.', 'Blvd.', 'Calz.'])} ${chance.one([maker.full(), maker.family(), 'Reforma', 'Insurgentes Sur', 'Benito Juárez'])} ${chance.one(['', 'No. ', '#', 'núm. '])}${number()}`, `Col. ${chance.one(['Roma Norte', 'Centro', 'Del Valle', 'Condesa', maker.family()])}`, `${chance.one(['C.P. ', 'CP ', ''])}${digits(5)} ${city()}`],
    co: () => [`${chance.one(['Carrera', 'Calle', 'Cra.', 'Cl.', 'Diagonal', 'Transversal'])} ${digits(2)}${chance.one([' # ', ' No. ', ' #'])}${digits(2)}-${digits(2)}`, city()],
    indian: () => [`${chance.one(['Flat', 'House No.', 'Plot No.', 'H.No.', 'Door No.', 'Shop'])} ${digits(2)}${chance.is(0.3) ? letter() : ''}`, `${chance.one([maker.family(), 'Green', 'Lotus', 'Shanti', 'Sai'])} ${chance.one(['Nagar', 'Colony', 'Heights', 'Apartments', 'Towers', 'Enclave', 'Layout', 'Marg', 'Road', 'Vihar'])}`, `${city()}${chance.one([' ', ' - ', '-'])}${digits(6)}`],
    jakarta: () => [`${chance.one(['Jl.', 'Jalan', 'Jln.'])} ${maker.full()} ${chance.one(['No. ', 'No.', ''])}${number()}`, `${city()} ${digits(5)}`],
    nairobi: () => [`P.O. Box ${digits(4)}-${digits(5)}`, chance.one(['Nairobi', 'Mombasa', 'Kisumu', city()])],
    singapore: () => [`${digits(2)} ${street()}`, `#${digits(2)}-${digits(2)}`, `Singapore ${digits(6)}`],
    careOf: () => [`c/o ${maker.full()}`, `${number()} ${street()}`, `${city()}, ${chance.one(states)} ${digits(5)}`],
    vietnam: () => [`${number()} ${chance.one(['đường', 'Đường', 'phố', ''])} ${maker.full()}`.replace('  ', ' '), `${chance.one(['Quận', 'quận', 'Q.'])} ${digits(1)}`, city()],
    rural: () => [`${chance.one(['RR', 'R.R.', 'HC', 'Rural Route', 'RD'])} ${digits(1)} Box ${digits(3)}`, `${city()}, ${chance.one(states)} ${digits(5)}`],
    grid: () => [`${chance.one(['N', 'W', ''])}${digits(3)} ${chance.one(['N', 'S', 'E', 'W'])} ${digits(2)}${chance.one(['00', 'th St', 'th Avenue', 'th Street', '00 W'])}`, `${city()}, ${chance.one(states)} ${digits(5)}`],
  };
  const byCode = { de: ['de'], de_CH: ['at'], de_AT: ['at'], fr: ['fr'], fr_BE: ['fr'], fr_CH: ['fr'], es: ['es'], es_MX: ['es'], it: ['it'], nl: ['nl'], nl_BE: ['nl'], pl: ['pl'], pt_BR: ['br'], pt_PT: ['br'], sv: ['se'], nb_NO: ['se'], da: ['se'], fi: ['fi'], tr: ['tr'], ru: ['ru'], uk: ['ru'], cs_CZ: ['cz'], sk: ['cz'], hu: ['hu'], ro: ['ro'], el: ['gr'], id_ID: ['jakarta'], en_IN: ['indian'], vi: ['vietnam'] };
  const code = chance.one(maker.codes);
  const local = byCode[code];
  const form = local && chance.is(0.6) ? local[0] : chance.one(Object.keys(forms));
  const result = forms[form]();
  if (chance.is(0.05)) result.push(country());
  return result;
}
const english = (chance) => chance.one(['Germany', 'France', 'Poland', 'USA', 'United Kingdom', 'Italy', 'Turkey', 'Brazil', 'Finland', 'Greece', 'Portugal']);

export function addressOf(maker, chance, between) {
  const all = lines(maker, chance);
  return between === ', ' && chance.is(0.15) ? all.join(' ') : all.join(between);
}
