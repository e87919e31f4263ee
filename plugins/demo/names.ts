import { foldAccents } from '@contact360/server';
import type { Random } from './random.ts';

/** A name as its bearer writes it, and as it stands in addresses: ASCII letters only. */
export interface Name {
  readonly text: string;
  readonly plain: string;
}

/** Lower-case ASCII letters and digits of a text, as in host names and mailboxes. */
export const plainText = (text: string) => foldAccents(text).replace(/[^a-z\d]+/g, '');

/** Names separated by commas, the frequent ones first; `Ольга=Olga` gives the spelling in addresses. */
const names = (list: string): Name[] =>
  list.split(', ').map((each) => {
    const [text, spelling = text] = each.split('=') as [string, string?];
    return { text, plain: plainText(spelling) };
  });

interface NamePool {
  readonly first: readonly Name[];
  readonly last: readonly Name[];
  /** Share of people with two family names, and what stands between them. */
  readonly double: readonly [share: number, between: string];
}

const pool = (first: string, last: string, double: NamePool['double'] = [0.04, '-']): NamePool => ({
  first: names(first),
  last: names(last),
  double,
});

const POOLS = {
  english: pool(
    'James, Mary, John, Patricia, Robert, Jennifer, Michael, Linda, William, Elizabeth, David, Susan, Richard, Jessica, Joseph, Sarah, Thomas, Karen, Christopher, Nancy, Daniel, Lisa, Matthew, Margaret, Anthony, Sandra, Mark, Ashley, Steven, Kimberly, Paul, Emily, Andrew, Michelle, Joshua, Amanda, Kevin, Melissa, Brian, Stephanie, George, Rebecca, Timothy, Laura, Jason, Amy, Ryan, Angela, Jacob, Rachel, Eric, Emma, Scott, Nicole, Benjamin, Samantha, Samuel, Katherine, Gregory, Hannah, Alexander, Olivia, Patrick, Grace, Jack, Abigail, Tyler, Chloe, Aaron, Victoria, Nathan, Julia, Liam, Charlotte, Noah, Sophie, Ethan, Lauren, Oliver, Megan, Harry, Lucy, Seán, Aoife, Zoë, Renée, Siân',
    "Smith, Johnson, Williams, Brown, Jones, Miller, Davis, Wilson, Anderson, Taylor, Thomas, Moore, Jackson, Martin, Thompson, White, Harris, Clark, Lewis, Robinson, Walker, Young, Allen, King, Wright, Scott, Hill, Green, Adams, Baker, Nelson, Carter, Mitchell, Roberts, Turner, Phillips, Campbell, Parker, Evans, Edwards, Collins, Stewart, Morris, Murphy, Cook, Rogers, Morgan, Cooper, Reed, Bailey, Bell, Kelly, Howard, Ward, Cox, Richardson, Wood, Watson, Brooks, Bennett, Gray, Hughes, Price, Myers, Long, Foster, Sanders, Ross, Powell, Sullivan, Russell, Fisher, Henderson, Cole, West, Jordan, Reynolds, Graham, Wallace, Hamilton, Griffin, Hayes, Bryant, Ellis, Stevens, Fox, Rice, Stone, Dunn, Palmer, Mills, Nichols, Grant, Knight, Ferguson, Hudson, Spencer, Gardner, Payne, Pierce, Hawkins, Andrews, Weaver, Lawson, Fuller, Chambers, Newman, Barker, Whitfield, Hargreaves, Ashworth, Blackwood, Castleton, Thornbury, Wexler, Kingsley, Holloway, Lockhart, Merriweather, Pemberton, Ramsbottom, Sutcliffe, Tattersall, Underhill, Vaughan, Winterbourne, Yardley, O'Brien, O'Connor, O'Neill, McCarthy, McDonald, MacLeod, Fitzgerald, Ó Súilleabháin",
  ),
  hispanic: pool(
    'José, María, Luis, Carmen, Juan, Ana, Carlos, Isabel, Miguel, Laura, Jorge, Patricia, Pedro, Sofía, Alejandro, Lucía, Fernando, Gabriela, Diego, Valentina, Andrés, Paula, Javier, Elena, Ricardo, Mónica, Sergio, Cristina, Raúl, Verónica, Rubén, Beatriz, Álvaro, Inés, Íñigo, Begoña, Joaquín, Ximena, Martín, Camila',
    'García, Rodríguez, Martínez, Hernández, López, González, Pérez, Sánchez, Ramírez, Torres, Flores, Rivera, Gómez, Díaz, Reyes, Morales, Cruz, Ortiz, Gutiérrez, Chávez, Ramos, Ruiz, Álvarez, Mendoza, Vásquez, Castillo, Jiménez, Moreno, Romero, Herrera, Medina, Aguilar, Vega, Castro, Méndez, Guzmán, Fernández, Salazar, Núñez, Ibáñez, Peña, Acuña, Zúñiga, Cabrera, Domínguez, Velázquez, Espinoza, de la Cruz, del Río',
    [0.35, ' '],
  ),
  portuguese: pool(
    'João, Ana, Pedro, Maria, Lucas, Juliana, Gabriel, Fernanda, Rafael, Camila, Thiago, Letícia, Bruno, Beatriz, Felipe, Mariana, Gustavo, Larissa, Rodrigo, Inês, André, Patrícia, Tiago, Conceição, Luís, Joana, Vinícius, Débora, Caio, Simone',
    'Silva, Santos, Oliveira, Souza, Pereira, Lima, Carvalho, Ferreira, Ribeiro, Almeida, Costa, Gomes, Martins, Araújo, Rocha, Barbosa, Moreira, Nascimento, Cardoso, Teixeira, Monteiro, Simões, Magalhães, Guimarães, Conceição, Brandão, Falcão, Leitão, Figueiredo, Queirós',
    [0.3, ' '],
  ),
  french: pool(
    'Jean, Marie, Pierre, Claire, Nicolas, Camille, Julien, Sophie, Thomas, Émilie, Antoine, Céline, François, Aurélie, Mathieu, Hélène, Guillaume, Chloé, Jérôme, Amélie, Sébastien, Élodie, Benoît, Zoé, Jean-Luc, Maëlle, Théo, Océane, Loïc, Anaïs',
    "Martin, Bernard, Dubois, Durand, Moreau, Laurent, Lefebvre, Leroy, Roux, Fournier, Girard, Bonnet, Dupont, Lambert, Fontaine, Rousseau, Vincent, Mercier, Lefèvre, Faure, Gauthier, Chevalier, Bélanger, Côté, Gagné, Lévesque, Pelletier, Bouchard, Tremblay, Bœuf, D'Amboise, de Villiers, Château, Noël, Forêt",
  ),
  german: pool(
    'Michael, Anna, Thomas, Julia, Stefan, Katrin, Andreas, Sabine, Christian, Laura, Martin, Lena, Markus, Susanne, Daniel, Nina, Sebastian, Claudia, Jan, Petra, Jürgen, Heike, Jörg, Käthe, Björn, Bärbel, Günther, Ännchen, Florian, Annika, Tobias, Johanna, Lukas, Leonie, Felix, Franziska',
    'Müller, Schmidt, Schneider, Fischer, Weber, Meyer, Wagner, Becker, Schulz, Hoffmann, Schäfer, Koch, Bauer, Richter, Klein, Wolf, Schröder, Neumann, Schwarz, Zimmermann, Braun, Krüger, Hofmann, Hartmann, Lange, Werner, Krause, Lehmann, Köhler, Maier, Jäger, Großmann, Weiß, Strauß, Böhm, Kühn, Zürcher, Brändli, Übelacker, von Hagen',
  ),
  italian: pool(
    'Marco, Giulia, Luca, Francesca, Andrea, Chiara, Alessandro, Sara, Matteo, Valentina, Lorenzo, Elisa, Davide, Martina, Simone, Federica, Giuseppe, Silvia, Antonio, Paola, Niccolò, Mosè, Noè, Lucrezia',
    "Rossi, Russo, Ferrari, Esposito, Bianchi, Romano, Colombo, Ricci, Marino, Greco, Bruno, Gallo, Conti, De Luca, Costa, Giordano, Mancini, Rizzo, Lombardi, Moretti, Barbieri, Fontana, Santoro, Mariani, Rinaldi, Caruso, Nicolò, D'Angelo, Dell'Acqua, Salvatò",
  ),
  dutch: pool(
    'Jan, Anna, Pieter, Emma, Daan, Sophie, Bram, Lotte, Sander, Sanne, Jeroen, Femke, Thijs, Anouk, Maarten, Marieke, Ruben, Eva, Stijn, Lieke, Joël, Noë, Daniël, Chloë',
    'de Jong, Jansen, de Vries, van den Berg, Bakker, van Dijk, Visser, Smit, Meijer, de Boer, Mulder, de Groot, Bos, Vos, Peters, Hendriks, van Leeuwen, Dekker, Brouwer, de Wit, Dijkstra, Smits, van der Meer, Coppieters, Peeters, Janssens, Maes, Claes, Coënegracht, Daniëls',
  ),
  nordic: pool(
    'Lars, Anna, Erik, Maria, Anders, Karin, Johan, Ingrid, Per, Kristina, Magnus, Astrid, Henrik, Sofie, Jens, Freja, Mikkel, Signe, Søren, Åse, Bjørn, Märta, Jörgen, Åsa, Øyvind, Solveig, Mikko, Aino, Jukka, Päivi, Väinö, Guðrún',
    'Andersson, Johansson, Karlsson, Nilsson, Eriksson, Larsson, Olsson, Persson, Svensson, Hansen, Jensen, Nielsen, Larsen, Sørensen, Rasmussen, Jørgensen, Olsen, Johansen, Berg, Lindström, Sjöberg, Åkesson, Ødegård, Nygård, Bjørnsen, Korhonen, Virtanen, Mäkinen, Nieminen, Hämäläinen, Þórsson',
  ),
  polish: pool(
    'Piotr, Anna, Krzysztof, Katarzyna, Andrzej, Małgorzata, Tomasz, Agnieszka, Paweł, Magdalena, Michał, Joanna, Marcin, Aleksandra, Jakub, Zofia, Łukasz, Elżbieta, Sławomir, Bożena, Grażyna, Wojciech, Stanisław, Żaneta',
    'Nowak, Kowalski, Wiśniewski, Wójcik, Kowalczyk, Kamiński, Lewandowski, Zieliński, Szymański, Woźniak, Dąbrowski, Kozłowski, Jankowski, Mazur, Krawczyk, Piotrowski, Grabowski, Pawłowski, Michalski, Król, Wieczorek, Jabłoński, Wróbel, Stępień, Łukaszewicz, Ćwikliński, Żurawski, Świątek, Gołębiewski',
  ),
  central: pool(
    'Jan, Jana, Petr, Eva, Tomáš, Lucie, Martin, Tereza, Jiří, Kateřina, Ondřej, Žofie, Štěpán, Zdeňka, László, Zsófia, Gábor, Erzsébet, Győző, Tünde, Andrei, Elena, Ștefan, Ioana, Mihăiță, Crăița, Đorđe, Jelena, Miloš, Željka',
    'Novák, Svoboda, Dvořák, Černý, Procházka, Kučera, Veselý, Horák, Němec, Růžička, Říha, Nagy, Kovács, Szabó, Tóth, Horváth, Kőszegi, Szűcs, Popescu, Ionescu, Dumitrescu, Țurcanu, Bălan, Șerban, Jovanović, Petrović, Đorđević, Kovačić, Šimić, Živković',
  ),
  slavic: pool(
    'Olga, Ivan, Natalia, Dmitry, Elena, Sergey, Oksana, Andriy, Iryna, Maksym',
    'Ivanov, Petrenko, Smirnov, Kovalenko, Kuznetsov, Shevchenko, Popov, Bondarenko, Volkov, Tkachenko',
    [0.01, '-'],
  ),
  cyrillic: pool(
    'Ольга=Olga, Дмитрий=Dmitry, Наталья=Natalya, Олександр=Oleksandr, Катерина=Kateryna, Їванна=Yivanna, Светлана=Svetlana, Георги=Georgi',
    'Иванова=Ivanova, Шевченко=Shevchenko, Ковальчук=Kovalchuk, Дубровська=Dubrovska, Соколов=Sokolov, Димитров=Dimitrov',
    [0, ''],
  ),
  greek: pool(
    'Giorgos, Maria, Dimitris, Eleni, Nikos, Katerina, Yannis, Sofia',
    'Papadopoulos, Georgiou, Nikolaidis, Pappas, Vassiliou, Ioannou',
    [0.01, '-'],
  ),
  greekScript: pool(
    'Γιώργος=Giorgos, Ελένη=Eleni, Δημήτρης=Dimitris, Χριστίνα=Christina',
    'Παπαδόπουλος=Papadopoulos, Γεωργίου=Georgiou, Οικονόμου=Oikonomou, Καραγιάννης=Karagiannis',
    [0, ''],
  ),
  turkish: pool(
    'Mehmet, Ayşe, Mustafa, Fatma, Ahmet, Zeynep, Ali, Elif, Emre, Merve, Murat, Özlem, Çağlar, Gülşen, Işıl, İbrahim, Ömer, Şule, Uğur, Tuğçe',
    'Yılmaz, Kaya, Demir, Çelik, Şahin, Yıldız, Yıldırım, Öztürk, Aydın, Özdemir, Arslan, Doğan, Kılıç, Aslan, Çetin, Koç, Kurt, Güneş, Işık, Ünal',
  ),
  indian: pool(
    'Rahul, Priya, Amit, Anjali, Vikram, Deepa, Sanjay, Neha, Rajesh, Kavita, Arjun, Pooja, Suresh, Sunita, Ravi, Lakshmi, Anil, Meera, Karthik, Divya, Rohan, Sneha, Aditya, Nisha, Manish, Shreya, Nikhil, Ritu, Harsh, Ananya, Gaurav, Swati, Varun, Tanvi, Ashok, Isha',
    'Sharma, Patel, Singh, Kumar, Gupta, Reddy, Shah, Verma, Mehta, Iyer, Nair, Joshi, Rao, Mishra, Desai, Agarwal, Chopra, Bose, Menon, Pillai, Kapoor, Malhotra, Banerjee, Mukherjee, Chatterjee, Das, Jain, Bhatt, Kulkarni, Deshpande, Naidu, Choudhary, Saxena, Trivedi, Srinivasan, Venkataraman, Krishnamurthy',
  ),
  arabic: pool(
    'Mohammed, Fatima, Ahmed, Aisha, Omar, Layla, Hassan, Zainab, Khalid, Noor, Yusuf, Mariam, Ali, Salma, Karim, Amina, Tariq, Huda',
    'Al-Farsi, Hassan, Khan, Ali, Ibrahim, Haddad, Mansour, Saleh, Al-Mutairi, Nasser, Khoury, Rahman, Abdullah, Hussein, Aziz, Qureshi, Malik, Siddiqui',
    [0.05, ' '],
  ),
  arabicScript: pool(
    'محمد=Mohammed, فاطمة=Fatima, أحمد=Ahmed, مريم=Mariam',
    'الحداد=Al-Haddad, منصور=Mansour, الخوري=El-Khoury',
    [0, ''],
  ),
  hebrew: pool(
    'Noa, Yossi, Tamar, David, Maya, Avi, Yael, Eitan, Shira, Omer, Michal, Uri',
    'Cohen, Levi, Mizrahi, Peretz, Biton, Dahan, Avraham, Friedman, Katz, Azoulay, Shapira',
    [0.05, '-'],
  ),
  hebrewScript: pool(
    'נועה=Noa, יוסי=Yossi, תמר=Tamar, איתן=Eitan',
    'כהן=Cohen, לוי=Levi, מזרחי=Mizrahi, שפירא=Shapira',
    [0, ''],
  ),
  chinese: pool(
    'Wei, Fang, Jing, Li, Min, Lei, Yan, Tao, Ming, Xiu, Jun, Hui, Hao, Ling, Bo, Xin, Yang, Mei',
    'Wang, Li, Zhang, Liu, Chen, Yang, Huang, Zhao, Wu, Zhou, Xu, Sun, Ma, Zhu, Lin, Guo, He, Lü, Tan, Ng',
    [0, ''],
  ),
  chineseScript: pool(
    '伟=Wei, 静=Jing, 丽华=Lihua, 建国=Jianguo, 雅婷=Yating',
    '王=Wang, 李=Li, 張=Zhang, 陈=Chen, 黄=Huang, 吴=Wu',
    [0, ''],
  ),
  japanese: pool(
    'Hiroshi, Yuki, Kenji, Sakura, Takashi, Haruka, Daisuke, Yōko, Makoto, Aiko, Satoshi, Emi, Shōta, Rin',
    'Satō, Suzuki, Takahashi, Tanaka, Watanabe, Itō, Yamamoto, Nakamura, Kobayashi, Katō, Yoshida, Yamada, Sasaki, Matsumoto, Inoue',
    [0, ''],
  ),
  japaneseScript: pool(
    '健太=Kenta, 美咲=Misaki, 裕子=Yuko, 大輔=Daisuke',
    '佐藤=Sato, 鈴木=Suzuki, 田中=Tanaka, 渡辺=Watanabe',
    [0, ''],
  ),
  korean: pool(
    'Min-jun, Seo-yeon, Ji-ho, Soo-jin, Hyun-woo, Eun-ji, Sung-min, Hye-jin, Jae-hyun, Yu-na',
    'Kim, Lee, Park, Choi, Jung, Kang, Cho, Yoon, Jang, Lim, Han, Shin',
    [0, ''],
  ),
  koreanScript: pool('민준=Min-jun, 서연=Seo-yeon, 지훈=Ji-hoon, 은지=Eun-ji', '김=Kim, 이=Lee, 박=Park, 최=Choi', [
    0,
    '',
  ]),
  southeast: pool(
    'Budi, Siti, Agus, Dewi, Maria, Jose Mari, Angelica, Mark, Somchai, Ploy, Wei Ling, Farid, Nurul, Rizky',
    'Santoso, Wijaya, Pratama, Hidayat, Reyes, Santos, Dela Cruz, Bautista, Tan, Lim, Wongsakul, Saetang, Abdullah',
  ),
  vietnamese: pool(
    'Anh, Linh, Minh, Hương, Đức, Thảo, Quân, Hà, Ánh, Tuấn, Ngọc, Phương, Hùng, Yến',
    'Nguyễn, Trần, Lê, Phạm, Hoàng, Huỳnh, Vũ, Đặng, Bùi, Đỗ, Hồ, Ngô',
    [0, ''],
  ),
  african: pool(
    'Chinedu, Amaka, Tunde, Ngozi, Emeka, Folake, Kwame, Akosua, Kofi, Abena, Thabo, Nomvula, Sipho, Lerato, Wanjiku, Kamau, Achieng, Otieno, Ọlá, Adébáyọ̀',
    'Okafor, Adeyemi, Nwosu, Balogun, Eze, Mensah, Owusu, Boateng, Nkosi, Dlamini, Khumalo, Mokoena, van der Merwe, Botha, Naidoo, Mwangi, Odhiambo, Kariuki, Ọláyínká, Ṣóyínká',
  ),
} satisfies Record<string, NamePool>;

/** Where names come from: a language or a region. */
export type Culture = keyof typeof POOLS;

export interface PersonName {
  readonly first: Name;
  readonly last: Name;
}

/** The name of a person. Frequent names lead each list; two family names make the rest as varied as in life. */
export function personName(random: Random, culture: Culture): PersonName {
  const { first, last, double } = POOLS[culture];
  const [share, between] = double;
  const given = random.early(first, 1.25);
  const family = random.early(last, 1.4);
  const second = random.pick(last);
  if (!random.chance(share) || second === family) return { first: given, last: family };
  return {
    first: given,
    last: { text: `${family.text}${between}${second.text}`, plain: family.plain + second.plain },
  };
}
