#include "guards/health_terms.h"

namespace weir::guards {
namespace {

constexpr std::string_view telling[] = {
    // English: what is said of somebody's health
    "diagnosed with", "was diagnosed", "were diagnosed", "been diagnosed", "my diagnosis", "his diagnosis",
    "her diagnosis", "their diagnosis", "patient presents", "patient presented", "patient reports", "patient reported",
    "patient complains", "patient denies", "patient has", "patient had", "patient name", "chief complaint",
    "presents with", "history of present illness", "past medical history", "medical history", "family history of",
    "medical record", "health record", "discharge summary", "clinical notes", "my symptoms", "his symptoms",
    "her symptoms", "my doctor", "my physician", "my therapist", "my psychiatrist", "my psychologist", "my oncologist",
    "my cardiologist", "my gynecologist", "my dermatologist", "my neurologist", "my prescription", "her prescription",
    "his prescription", "prescribed me", "my medication", "my medications", "her medication", "his medication",
    "his medications", "her medications", "on medication for", "my meds", "my blood pressure", "my blood sugar",
    "my cholesterol", "my blood test", "my test results", "my lab results", "my blood type", "my blood group",
    "in the icu", "suffered a stroke", "lab results show", "biopsy results", "biopsy came back", "my mri", "my ct scan",
    "my x-ray", "my surgery", "my operation", "my chemo", "my chemotherapy", "my pregnancy", "my miscarriage",
    "my period is late", "tested positive for", "tested hiv", "hiv positive", "hiv-positive", "std test", "sti test",
    "had a stroke", "had a heart attack", "had a miscarriage", "had an abortion", "had surgery", "had a seizure",
    "having seizures", "panic attacks", "i'm pregnant", "i am pregnant", "she's pregnant", "she is pregnant",
    "wife is pregnant", "i'm allergic", "i am allergic", "is allergic to", "suicidal", "kill myself", "end my life",
    "self-harm", "in rehab", "in remission", "on dialysis", "on antidepressants", "on chemotherapy", "sick leave",
    "sick note", "disability benefits", "terminally ill",
    // German
    "meine diagnose", "diagnostiziert", "krankgeschrieben", "krankschreibung", "mein arzt", "meine ärztin",
    "meine medikamente", "leidet an", "leide an", "leide unter", "krankenakte", "patientenakte", "schwanger",
    // French
    "mon médecin", "mon diagnostic", "diagnostiqué", "diagnostiquée", "souffre de", "arrêt maladie", "dossier médical",
    "enceinte", "séropositif", "séropositive",
    // Spanish, Portuguese, Italian
    "mi médico", "mi doctora", "diagnosticado", "diagnosticada", "diagnosticaron", "padece", "historia clínica",
    "baja médica", "embarazada", "meu médico", "grávida", "prontuário", "il mio medico", "diagnosticato", "soffre di",
    "cartella clinica", "incinta"};

constexpr std::string_view labels[] = {"allergies",
                                       "known allergies",
                                       "drug allergies",
                                       "blood type",
                                       "blood group",
                                       "blood_type",
                                       "blood_group",
                                       "bloodtype",
                                       "current medications",
                                       "current medication",
                                       "medical conditions",
                                       "pre-existing conditions",
                                       "allergien",
                                       "blutgruppe",
                                       "vorerkrankungen",
                                       "medikation",
                                       "groupe sanguin",
                                       "antécédents médicaux",
                                       "alergias",
                                       "grupo sanguíneo",
                                       "antecedentes médicos",
                                       "allergie",
                                       "gruppo sanguigno",
                                       "tipo sanguíneo",
                                       "bloedgroep",
                                       "allergieën",
                                       "grupa krwi",
                                       "alergie",
                                       "blodtype",
                                       "blodgrupp",
                                       "veriryhmä",
                                       "kan grubu",
                                       "группа крови",
                                       "аллергии"};

constexpr std::string_view conditions[] = {
    // conditions
    "diabetes", "diabetic", "type 1 diabetes", "type 2 diabetes", "cancer", "leukemia", "leukaemia", "lymphoma",
    "melanoma", "carcinoma", "tumor", "tumour", "metastasis", "metastatic", "hypertension", "high blood pressure",
    "hypotension", "arrhythmia", "atrial fibrillation", "angina", "heart failure", "heart attack", "heart disease",
    "myocardial infarction", "thrombosis", "embolism", "anemia", "anaemia", "hemophilia", "asthma", "copd", "emphysema",
    "bronchitis", "pneumonia", "tuberculosis", "covid", "covid-19", "influenza", "flu", "hepatitis", "cirrhosis",
    "jaundice", "crohn's", "crohn’s", "ulcerative colitis", "irritable bowel", "celiac", "gastritis", "ulcer",
    "appendicitis", "pancreatitis", "kidney disease", "kidney failure", "kidney stones", "dialysis", "hiv", "syphilis",
    "gonorrhea", "chlamydia", "herpes", "hpv", "stds", "epilepsy", "epileptic", "seizures", "migraine",
    "multiple sclerosis", "parkinson's", "parkinson’s", "alzheimer's", "alzheimer’s", "dementia", "neuropathy",
    "concussion", "autism", "autistic", "asperger's", "adhd", "dyslexia", "depression", "depressed", "bipolar",
    "schizophrenia", "schizophrenic", "psychosis", "psychotic", "anxiety", "anxiety disorder", "panic attack",
    "panic disorder", "ptsd", "ocd", "eating disorder", "anorexia", "anorexic", "bulimia", "insomnia", "sleep apnea",
    "addiction", "alcoholism", "alcoholic", "overdose", "drug abuse", "substance abuse", "arthritis", "rheumatoid",
    "osteoporosis", "lupus", "fibromyalgia", "gout", "scoliosis", "psoriasis", "eczema", "hypothyroidism",
    "hyperthyroidism", "thyroid", "endometriosis", "pcos", "infertility", "infertile", "ivf", "pregnant", "pregnancy",
    "miscarriage", "abortion", "menopause", "erectile dysfunction", "impotence", "prostate", "glaucoma", "cataract",
    "anaphylaxis", "sepsis", "meningitis", "malaria", "lyme disease", "obesity", "obese", "down syndrome",
    "cerebral palsy", "cystic fibrosis", "sickle cell", "muscular dystrophy", "paralysis", "paraplegic", "disability",
    "chronic pain", "chronic fatigue", "chest pain", "shortness of breath", "palpitations", "vomiting", "nausea",
    "diarrhea", "fever", "rash", "blood pressure", "burnout",
    // treatments
    "chemotherapy", "chemo", "radiotherapy", "radiation therapy", "biopsy", "mastectomy", "hysterectomy", "vasectomy",
    "c-section", "transplant", "bypass surgery", "pacemaker", "colonoscopy", "mammogram", "ultrasound", "psychotherapy",
    "therapist", "psychiatrist", "oncologist", "rehab", "hospice", "hospitalized", "hospitalised", "prescription",
    "prescribed", "medication", "antidepressant", "antidepressants", "antibiotics", "blood test", "surgery", "allergic",
    "allergy", "blood thinner", "methadone", "birth control", "hormone therapy",
    // medicines
    "insulin", "metformin", "ozempic", "wegovy", "semaglutide", "lisinopril", "amlodipine", "metoprolol", "atenolol",
    "losartan", "valsartan", "ramipril", "hydrochlorothiazide", "furosemide", "spironolactone", "atorvastatin",
    "simvastatin", "rosuvastatin", "warfarin", "eliquis", "apixaban", "xarelto", "rivaroxaban", "clopidogrel",
    "heparin", "levothyroxine", "albuterol", "salbutamol", "prednisone", "prednisolone", "omeprazole", "pantoprazole",
    "ibuprofen", "acetaminophen", "aspirin", "paracetamol", "naproxen", "diclofenac", "tramadol", "oxycodone",
    "oxycontin", "hydrocodone", "vicodin", "percocet", "morphine", "fentanyl", "suboxone", "buprenorphine",
    "naltrexone", "gabapentin", "pregabalin", "lyrica", "sertraline", "zoloft", "fluoxetine", "prozac", "citalopram",
    "escitalopram", "lexapro", "paroxetine", "venlafaxine", "effexor", "duloxetine", "cymbalta", "bupropion",
    "wellbutrin", "mirtazapine", "trazodone", "amitriptyline", "lamotrigine", "lamictal", "quetiapine", "seroquel",
    "olanzapine", "risperidone", "aripiprazole", "abilify", "clozapine", "haloperidol", "alprazolam", "xanax",
    "lorazepam", "ativan", "diazepam", "valium", "clonazepam", "klonopin", "zolpidem", "ambien", "adderall", "ritalin",
    "methylphenidate", "vyvanse", "concerta", "levetiracetam", "keppra", "topiramate", "valproate", "carbamazepine",
    "donepezil", "levodopa", "tamoxifen", "methotrexate", "humira", "adalimumab", "truvada", "biktarvy",
    "antiretroviral", "amoxicillin", "azithromycin", "doxycycline", "ciprofloxacin", "penicillin", "viagra",
    "sildenafil", "cialis", "tadalafil", "finasteride", "clomid", "misoprostol", "mifepristone",
    // German, French, Spanish, Italian, Portuguese
    "krebs", "bluthochdruck", "depression", "depressionen", "schlaganfall", "herzinfarkt", "asthma", "epilepsie",
    "demenz", "burn-out", "krankheit", "diagnose", "medikament", "medikamente", "chemotherapie", "diabète",
    "diabétique", "hypertension", "dépression", "médicament", "médicaments", "chimiothérapie", "maladie", "cáncer",
    "hipertensión", "depresión", "embarazo", "sida", "vih", "cancro", "diabete", "tumore", "depressione", "câncer",
    "hipertensão", "depressão"};

constexpr std::string_view numbers[] = {"mrn",
                                        "medical record number",
                                        "medical record no",
                                        "patient id",
                                        "patient number",
                                        "patient no",
                                        "patient_id",
                                        "patientid",
                                        "patientnumber",
                                        "medicalrecordnumber",
                                        "medical_record_number",
                                        "nhs_number",
                                        "nhsnumber",
                                        "icd-10",
                                        "icd10",
                                        "icd-9",
                                        "icd code",
                                        "icd",
                                        "health insurance number",
                                        "health card number",
                                        "medicare number",
                                        "medicaid",
                                        "nhs number",
                                        "nhs no",
                                        "versichertennummer",
                                        "krankenversicherungsnummer",
                                        "patientennummer"};

constexpr WordSet people =
    "suffers|suffering|suffered|i|my|me|myself|patient|he|she|his|her|him|hers|himself|herself|mother|mom|mum|father|"
    "dad|wife|"
    "husband|spouse|son|daughter|brother|sister|grandmother|grandfather|grandma|grandpa|aunt|uncle|"
    "cousin|boyfriend|girlfriend|fiancé|fiancée|partner|employee|colleague|coworker|boss|manager|client|"
    "friend|roommate|baby|toddler|neighbor|neighbour|mr|mrs|ms|ich|mein|meine|meiner|meinen|mir|er|sie|"
    "mutter|vater|frau|mann|sohn|tochter|patientin|je|mon|ma|mes|mère|père|femme|mari|fils|fille|yo|"
    "tengo|mi|mis|madre|padre|esposa|esposo|hijo|hija|paciente|ho|mio|mia|moglie|marito|figlio|figlia|"
    "paziente|eu|tenho|meu|minha|mãe|pai|old";  // `a 45-year-old`

}  // namespace

HealthTerms health_terms() {
  return {.telling = telling, .conditions = conditions, .numbers = numbers, .labels = labels, .people = people};
}

}  // namespace weir::guards
