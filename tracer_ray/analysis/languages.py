"""Words that data people write in other languages, as the English ones that blueprints use.

Only words of business data that mean one thing: a name found through them is still checked by its
values. Accents and case are gone before they are looked up.
"""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

_BY_ENGLISH = {
    # when
    "date": "datum fecha data giorno",
    "at": "am",
    "day": "tag dia jour",
    "month": "monat mes mois mese maand",
    "monthly": "monatlich monatliche monats mensual mensuel mensile mensal maandelijks",
    "year": "jahr annee anno ano jaar",
    "week": "woche semana semaine settimana",
    # who and where
    "customer": "kunde kunden cliente clientes client clients clienti klant klanten",
    "employee": "mitarbeiter empleado empleada empleados salarie dipendente dipendenti "
    "funcionario funcionarios werknemer werknemers matricule",
    "lead": "interessent prospecto",
    "store": "tienda sucursal magasin negozio loja winkel filiale laden",
    "city": "stadt ciudad ville citta cidade",
    "department": "abteilung departamento departement reparto afdeling",
    # what is sold
    "product": "produkt producto produit prodotto produto artikel articulo article articolo artigo "
    "sorte",
    "price": "kurs preis precio prix prezzo preco prijs",
    "quantity": "menge cantidad quantite quantita quantidade aantal qte",
    "sold": "absatz verkauft vendido vendida vendidos vendidas vendu vendue vendus venduto "
    "venduti verkocht",
    "unit": "unitario unitaria unitaire einzel",
    "units": "pezzi unidades unites unita stuck stueck",
    "sales": "ventas ventes vendite vendas verkaufe",
    "revenue": "umsatz omzet affaires fatturato faturamento facturacion recaudacion",
    "order": "bestellung bestell pedido commande ordine encomenda bestelling",
    "invoice": "rechnung factura facture fattura fatura factuur",
    "contract": "vertrag vertrage vertrags contrato contrat contratto",
    "promotion": "aktion promocion promozione promocao",
    "holiday": "feiertag festivo ferie feriado",
    "source": "quelle fuente fonte",
    # amounts
    "amount": "betrag importe monto montant importo valor bedrag",
    "income": "einkommen ingresos revenu reddito renda inkomen",
    "salary": "gehalt salario salaire stipendio loon",
    "fee": "beitrag gebuhr cuota cotisation canone mensalidade",
    "cost": "kosten costo coste cout custo",
    "loan": "kredit prestamo pret prestito emprestimo lening",
    "age": "alter edad eta idade leeftijd",
    "tenure": "laufzeit antiguedad anciennete anzianita antiguidade",
    "number": "nummer numero nr",
    # what happens
    "created": "erstellt angelegt creado cree creato criado aangemaakt",
    "closed": "geschlossen cerrado chiuso fechado gesloten",
    "churn": "gekundigt gekuendigt kundigung kuendigung resilie abandono abbandono opgezegd",
    "resigned": "demission demissao dimissioni renuncia desligamento ausgeschieden ausgetreten "
    "austritt baja",
    "default": "impago impagado incumplido incumplimiento ausfall zahlungsausfall inadimplencia "
    "inadimplente moroso",
    "fraud": "betrug fraude frode",
    "interest": "zins zinssatz",
    "rate": "tasa taux tasso taxa",
    "term": "plazo prazo durata",
    "rental": "alquiler alquileres noleggio noleggi aluguel alugueis verhuur vermietungen",
    "industry": "branche settore setor rubro",
    "visit": "besuche visita visitas visite visites",
    "site": "sito sitio",
    "late": "tarde verspatet verspaetet verspatung retraso retard ritardo atraso vertraging laat",
    "delivery": "lieferung entregado livraison consegna entrega levering",
    "converted": "convertido converti convertito konvertiert",
    "consumption": "consumo consommation verbrauch verbruik",
    "call": "anruf anrufe appel appels llamada llamadas chiamata chiamate chamadas",
    "close": "schluss cierre chiusura cloture fechamento zamkniecie",
    "open": "eroffnung apertura ouverture abertura otwarcie",
    "high": "hoch maximo najwyzszy",
    "low": "tief minimo najnizszy",
    "volume": "volumen volumine wolumen",
    "claim": "schaden sinistre siniestro sinistro",
    "claims": "schaeden sinistres siniestros sinistri sinistros",
    "policy": "police poliza polizza",
    "planned": "geplant prevu prevue previsto prevista",
    "arrival": "ankunft arrivee llegada arrivo",
    "departure": "abfahrt salida partenza",
    "player": "spieler jugador joueur giocatore jogador speler",
    "team": "mannschaft equipo squadra",
    "opponent": "gegner rival adversaire avversario avversaria adversario",
    "result": "ergebnis resultado resultat risultato esito uitslag",
    "rebounds": "rebotes rebonds rimbalzi",
    "assists": "asistencias assistenze",
    "points": "punkte puntos punti pontos",
    "returned": "retoure retourniert devuelto devolucion devolvido reso geretourneerd retourne",
    "bought": "gekauft comprado achete acquistato gekocht contratado contrata",
    "cart": "warenkorb panier carrito carrello carrinho",
    "abandoned": "abgebrochen abandonne abandonado abbandonato",
    "booking": "buchung buchungs",
    "stock": "bestand lager",
    "inactive": "inaktiv inactif inattivo inattiva inactivo inativo",
    "enrolled": "matriculado eingeschrieben inscrit iscritto",
    "accepted": "acepta aceptado aceptada akzeptiert accepte accettato",
    "shares": "compartidos partages condivisioni compartilhamentos",
    "views": "aufrufe vues visualizaciones visualizzazioni visualizacoes",
    "status": "statut estado stato",
    "transaction": "transaktion transaccion transazione transacao",
    "shipping": "versand envio expedition spedizione verzending",
    "mode": "art modo",
}


ENGLISH: Mapping[str, str] = MappingProxyType(
    {word: english for english, words in _BY_ENGLISH.items() for word in words.split()}
)
# they say nothing by themselves; "chiffre d'affaires" is revenue
_PARTICLES = "d de del della des di do dos da du el il la le les lo por je te chiffre"
_NOTHING = frozenset(_PARTICLES.split())
_SHORTEST = 2


def english(word: str) -> tuple[str, ...]:
    """A lower-case word as English ones: itself where it is known nowhere, two of a compound.

    >>> english("umsatz"), english("kundennummer"), english("sales"), english("de")
    (('revenue',), ('customer', 'number'), ('sales',), ())
    """
    if word in _NOTHING:
        return ()
    if word in ENGLISH:
        return (ENGLISH[word],)
    for place in range(_SHORTEST, len(word) - _SHORTEST + 1):
        if word[:place] in ENGLISH and word[place:] in ENGLISH:
            return (ENGLISH[word[:place]], ENGLISH[word[place:]])
    return (word,)


def without_accents(text: str) -> str:
    """A text in plain letters where it has such.

    >>> without_accents("Quantité verspätet")
    'Quantite verspatet'
    """
    parts = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
