"""Texts that accounts of the demo world burn into their videos, English and Malay.

Belongs here: the texts. Does not: how they look (vidpipe.demo.captions), what is written under a
video (vidpipe.demo.language).

The texts use only letters that Pillow's bundled font has, and say nothing about what a video shows.
"""

HEADLINES: dict[str, tuple[str, ...]] = {
    "en": (
        "BREAKING NEWS",
        "ROAD CLOSED",
        "Live from the scene",
        "STORM WARNING",
        "Boil your water",
        "VOTE ON SUNDAY",
        "The bridge is safe",
        "They will not show you this",
        "Share before it is deleted",
        "Officials deny everything",
        "Nobody was hurt",
        "Open every day",
        "Free concert tonight",
        "Prices doubled in one week",
        "What happened next?",
        "Schools stay closed on Monday",
        "Power is back in the north",
        "Watch until the end",
        "Witnesses tell another story",
        "Curfew from 9 pm",
        "Local hero honoured",
        "Do not believe the rumours",
        "New ferry to the islands",
        "Record heat expected",
    ),
    "ms": (
        "BERITA TERKINI",
        "JALAN DITUTUP",
        "Terus dari tempat kejadian",
        "AMARAN RIBUT",
        "Masak air sebelum minum",
        "UNDI PADA HARI AHAD",
        "Jambatan itu selamat",
        "Mereka sembunyikan perkara ini",
        "Kongsi sebelum dipadam",
        "Pegawai menafikan semuanya",
        "Tiada yang cedera",
        "Buka setiap hari",
        "Konsert percuma malam ini",
        "Harga naik dua kali ganda",
        "Apa yang berlaku kemudian?",
        "Sekolah ditutup hari Isnin",
        "Bekalan elektrik pulih di utara",
        "Tonton sampai habis",
        "Saksi bercerita lain",
        "Perintah berkurung dari 9 malam",
        "Wira tempatan dihormati",
        "Jangan percaya khabar angin",
        "Feri baharu ke pulau",
        "Cuaca panas luar biasa dijangka",
    ),
}
